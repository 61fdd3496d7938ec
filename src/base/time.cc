#include "base/time.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/digits.h"

namespace pawl {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr Time earliest{sys_days{year{1} / 1 / 1}};
constexpr Time latest = Time{sys_days{year{9999} / 12 / 31}} + days{1} - Microseconds{1};

}  // namespace

std::string format_time(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text;
  text.reserve(27);
  append_padded(text, static_cast<std::uint64_t>(int{date.year()}), 4);
  append_padded(text += '-', unsigned{date.month()}, 2);
  append_padded(text += '-', unsigned{date.day()}, 2);
  append_padded(text += 'T', static_cast<std::uint64_t>(clock.hours().count()), 2);
  append_padded(text += ':', static_cast<std::uint64_t>(clock.minutes().count()), 2);
  append_padded(text += ':', static_cast<std::uint64_t>(clock.seconds().count()), 2);
  const auto fraction = static_cast<std::uint64_t>(clock.subseconds().count());
  if (fraction % 1'000 != 0) {
    append_padded(text += '.', fraction, 6);
  } else if (fraction != 0) {
    append_padded(text += '.', fraction / 1'000, 3);
  }
  return text += 'Z';
}

std::optional<Time> parse_time(std::string_view text) {
  DigitReader in(text);
  const auto years = in.exactly(4);
  const auto months = in.skip('-') ? in.exactly(2) : std::nullopt;
  const auto day = in.skip('-') ? in.exactly(2) : std::nullopt;
  const auto hour = in.skip('T') || in.skip('t') ? in.exactly(2) : std::nullopt;
  const auto minute = in.skip(':') ? in.exactly(2) : std::nullopt;
  const auto second = in.skip(':') ? in.exactly(2) : std::nullopt;
  if (!years || !months || !day || !hour || !minute || !second) return std::nullopt;
  const year_month_day date{year{static_cast<int>(*years)}, month{static_cast<unsigned>(*months)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;

  Time time = sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second};
  if (in.skip('.')) {
    const auto fraction = in.fraction_micros();
    if (!fraction) return std::nullopt;
    time += Microseconds{*fraction};
  }
  if (!in.skip('Z') && !in.skip('z')) {
    const int sign = in.skip('+') ? 1 : in.skip('-') ? -1 : 0;
    const auto offset_hours = in.exactly(2);
    const auto offset_minutes = in.skip(':') ? in.exactly(2) : std::nullopt;
    if (sign == 0 || !offset_hours || !offset_minutes || *offset_hours > 23 || *offset_minutes > 59)
      return std::nullopt;
    time -= sign * (hours{*offset_hours} + minutes{*offset_minutes});
  }
  // A leap second is the last of a UTC day (RFC 3339 section 5.7); POSIX time has none, so it is the next day's first.
  if (*second == 60 && std::chrono::floor<seconds>(time) != std::chrono::floor<days>(time)) return std::nullopt;
  if (!in.at_end() || time < earliest || time > latest) return std::nullopt;
  return time;
}

Time add(Time start, const CalendarDuration& duration) {
  start = std::clamp(start, earliest, latest);
  const auto day = std::chrono::floor<days>(start);
  const auto time_of_day = start - day;
  const year_month_day date{day};

  const std::int64_t months_from_zero = std::int64_t{int{date.year()}} * 12 + (unsigned{date.month()} - 1) +
                                        std::int64_t{duration.years} * 12 + duration.months;
  if (months_from_zero / 12 > 9999) return latest;
  const year_month target = year{static_cast<int>(months_from_zero / 12)} / static_cast<int>(months_from_zero % 12 + 1);
  const auto last_day = (target / std::chrono::last).day();
  const Time moved = sys_days{target / std::min(date.day(), last_day)} + time_of_day;

  // What is left until the end of time bounds both summands, so that nothing overflows.
  const Microseconds left = latest - moved;
  if (duration.days > std::chrono::floor<days>(left).count()) return latest;
  const Microseconds whole_days = days{duration.days};
  return duration.rest > left - whole_days ? latest : moved + whole_days + duration.rest;
}

}  // namespace pawl
