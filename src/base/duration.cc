// Durations as text: the half of time.h that has nothing to do with instants.
#include <array>

#include "base/digits.h"
#include "base/time.h"

namespace pawl {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t years_at_most = 9'999;
constexpr std::int64_t days_at_most = years_at_most * 366;
constexpr Microseconds rest_at_most = days{days_at_most};

// Adds `count` units to `sum` unless that leaves the range.
bool add_units(Microseconds& sum, std::int64_t count, Microseconds unit) {
  if (count > (rest_at_most - sum) / unit) return false;
  sum += count * unit;
  return true;
}

// The date part of an ISO 8601 duration: designators in falling order, each at most once; weeks stand alone.
struct DateDesignators {
  CalendarDuration& out;
  std::size_t next = 0;
  bool any = false, weeks = false;

  bool add(char designator, std::int64_t count) {
    static constexpr std::string_view order = "YMDW";
    const std::size_t at = order.find(designator, next);
    if (at == order.npos || (designator == 'W' && any)) return false;
    next = at + 1;
    any = true;
    switch (designator) {
      case 'Y':
        if (count > years_at_most) return false;
        out.years = static_cast<std::int32_t>(count);
        return true;
      case 'M':
        if (std::int64_t{out.years} * 12 + count > years_at_most * 12) return false;
        out.months = static_cast<std::int32_t>(count);
        return true;
      case 'W':
        if (count > days_at_most / 7) return false;
        out.days = count * 7;
        weeks = true;
        return true;
      default:
        if (count > days_at_most) return false;
        out.days = count;
        return true;
    }
  }
};

bool read_time_part(DigitReader& in, Microseconds& rest) {
  static constexpr std::string_view order = "HMS";
  static constexpr std::array<Microseconds, 3> units{hours{1}, minutes{1}, seconds{1}};
  std::size_t next = 0;
  while (const auto count = in.number()) {
    std::optional<std::int64_t> fraction;
    if (in.skip('.')) {
      fraction = in.fraction_micros();
      if (!fraction) return false;
    }
    const std::size_t at = order.find(in.take(), next);
    if (at == order.npos || (fraction && order[at] != 'S')) return false;
    if (!add_units(rest, *count, units[at]) || !add_units(rest, fraction.value_or(0), Microseconds{1})) return false;
    next = at + 1;
  }
  return next != 0;  // a T with nothing behind it is not a duration
}

}  // namespace

std::optional<CalendarDuration> parse_iso_duration(std::string_view text) {
  DigitReader in(text);
  if (!in.skip('P')) return std::nullopt;
  CalendarDuration duration;
  DateDesignators date{duration};
  while (const auto count = in.number()) {
    if (!date.add(in.take(), *count)) return std::nullopt;
  }
  const bool has_time = in.skip('T');
  if (has_time && (date.weeks || !read_time_part(in, duration.rest))) return std::nullopt;
  if ((!date.any && !has_time) || !in.at_end()) return std::nullopt;
  return duration;
}

std::string format_iso_duration(Microseconds duration) {
  std::string text = duration < Microseconds{0} ? "-PT" : "PT";
  // Unsigned, so that the smallest value has a magnitude too.
  const auto signed_count = static_cast<std::uint64_t>(duration.count());
  const std::uint64_t micros = duration < Microseconds{0} ? 0 - signed_count : signed_count;
  const std::uint64_t whole_seconds = micros / 1'000'000;
  const std::uint64_t fraction = micros % 1'000'000;
  if (whole_seconds >= 3'600) text += std::to_string(whole_seconds / 3'600) + 'H';
  if (whole_seconds / 60 % 60 != 0) text += std::to_string(whole_seconds / 60 % 60) + 'M';
  if (whole_seconds % 60 != 0 || fraction != 0 || micros == 0) {
    text += std::to_string(whole_seconds % 60);
    if (fraction != 0) {
      append_padded(text += '.', fraction, 6);
      text.erase(text.find_last_not_of('0') + 1);
    }
    text += 'S';
  }
  return text;
}

std::optional<Microseconds> parse_duration(std::string_view text) {
  if (text.starts_with('P')) {
    const auto iso = parse_iso_duration(text);
    if (!iso || iso->years != 0 || iso->months != 0) return std::nullopt;
    Microseconds sum = iso->rest;
    if (!add_units(sum, iso->days, days{1})) return std::nullopt;
    return sum;
  }
  DigitReader in(text);
  const auto count = in.number();
  if (!count) return std::nullopt;
  Microseconds unit{0};
  switch (in.take()) {
    case 'm':
      unit = in.skip('s') ? Microseconds{milliseconds{1}} : Microseconds{minutes{1}};
      break;
    case 's':
      unit = seconds{1};
      break;
    case 'h':
      unit = hours{1};
      break;
    case 'd':
      unit = days{1};
      break;
    default:
      return std::nullopt;
  }
  Microseconds sum{0};
  if (!in.at_end() || !add_units(sum, *count, unit)) return std::nullopt;
  return sum;
}

}  // namespace pawl
