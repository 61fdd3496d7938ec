// Dates (rule J6): UTC and the C locale always, years 1 to 9999. "Broken-down time" is jq's array of year, month from
// 0, day, hours, minutes, seconds with fraction, day of the week from Sunday = 0, day of the year from 0.
#include <time.h>

#include <algorithm>
#include <clocale>
#include <cmath>
#include <ctime>
#include <string>

#include "expr/native.h"
#include "expr/operations.h"

namespace pawl::expr {

using json::Value;

namespace {

constexpr double first_second = -62135596800.0, last_second = 253402300799.0;  // of the years 1 and 9999
constexpr int first_year = 1900;                                               // of struct tm

// Made once, never freed: the C locale, whatever the process has been set to.
locale_t c_locale() {
  static const locale_t made = newlocale(LC_ALL_MASK, "C", locale_t{});
  return made;
}

std::unexpected<Value> out_of_range() { return raise("the date is outside of the years 1 to 9999"); }

Value broken_down(const std::tm& time, double seconds) {
  auto integer = [](int number) { return Value::integer(number); };
  return Value::array({integer(time.tm_year + first_year), integer(time.tm_mon), integer(time.tm_mday),
                       integer(time.tm_hour), integer(time.tm_min), Value::number(seconds), integer(time.tm_wday),
                       integer(time.tm_yday)});
}

Outcome gmtime_of(const Value& number, std::string_view function) {
  if (!number.is_number()) return raise(std::string(function) + " requires a number");
  const double whole = std::floor(number.number());
  if (!(whole >= first_second && whole <= last_second)) return out_of_range();
  double microseconds = std::round((number.number() - whole) * 1e6);
  std::time_t seconds = static_cast<std::time_t>(whole);
  if (microseconds >= 1e6) {
    microseconds = 0;
    ++seconds;
  }
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  return broken_down(time, (time.tm_sec * 1e6 + microseconds) / 1e6);
}

Outcome gmtime(NativeCall& call) { return gmtime_of(call.input, "gmtime()"); }

// The fields of a broken-down time, or an error that names the function.
std::expected<std::tm, Value> fields_of(const Value& x, std::string_view function) {
  constexpr std::size_t needed = 6;
  const std::string requirement = std::string(function) + " requires array of 6 numbers";
  if (!x.is_array() || x.size() < needed) return raise(requirement);
  double fields[needed];
  for (std::size_t i = 0; i < needed; ++i) {
    if (!x.items()[i].is_number()) return raise(std::string(function) + " requires parsed datetime inputs");
    fields[i] = std::floor(x.items()[i].number());
    if (!(std::fabs(fields[i]) < 1e9)) return std::unexpected(out_of_range().error());
  }
  std::tm time{};
  time.tm_year = static_cast<int>(fields[0]) - first_year;
  time.tm_mon = static_cast<int>(fields[1]);
  time.tm_mday = static_cast<int>(fields[2]);
  time.tm_hour = static_cast<int>(fields[3]);
  time.tm_min = static_cast<int>(fields[4]);
  time.tm_sec = static_cast<int>(fields[5]);
  return time;
}

Outcome mktime(NativeCall& call) {
  auto time = fields_of(call.input, "mktime");
  if (!time) return std::unexpected(std::move(time.error()));
  const auto seconds = static_cast<double>(::timegm(&*time));
  if (!(seconds >= first_second && seconds <= last_second)) return out_of_range();
  return Value::number(seconds);
}

Outcome strptime(NativeCall& call) {
  const Value& format = call.arguments[0];
  if (!call.input.is_string() || !format.is_string()) {
    return raise("strptime/1 requires string inputs and arguments");
  }
  call.meter.text_steps(call.input.size() + format.size());
  const std::string text(call.input.text()), pattern(format.text());
  std::tm time{};
  time.tm_mday = 1;
  const char* rest = ::strptime_l(text.c_str(), pattern.c_str(), &time, c_locale());
  if (rest == nullptr || *rest != '\0') {
    return raise("date \"" + text + "\" does not match format \"" + pattern + "\"");
  }
  if (time.tm_year + first_year < 1 || time.tm_year + first_year > 9999) return out_of_range();
  std::tm normalized = time;
  normalized.tm_gmtoff = 0;
  ::timegm(&normalized);
  time.tm_wday = normalized.tm_wday;
  time.tm_yday = normalized.tm_yday;
  return broken_down(time, time.tm_sec);
}

// %s and %Z of the C library follow the process's time zone, and its %Y has no leading zeros: written here instead.
std::string prepared(std::string_view format, std::int64_t seconds, int year) {
  constexpr std::size_t year_digits = 4;
  const std::string digits = std::to_string(year);
  const std::string padded = std::string(year_digits - std::min(year_digits, digits.size()), '0') + digits;
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    const char letter = format[++i];
    if (letter == 's') {
      out += std::to_string(seconds);
    } else if (letter == 'Z') {
      out += "UTC";
    } else if (letter == 'z') {
      out += "+0000";
    } else if (letter == 'Y') {
      out += padded;
    } else if (letter == 'F') {
      out += padded + "-%m-%d";
    } else {
      out += '%';
      out += letter;
    }
  }
  return out;
}

Outcome strftime(NativeCall& call) {
  constexpr std::size_t longest = 4'096;
  const Value& format = call.arguments[0];
  Value parts = call.input;
  if (parts.is_number()) {
    Outcome broken = gmtime_of(parts, "strftime/1");
    if (!broken) return broken;
    parts = std::move(*broken);
  } else if (!parts.is_array()) {
    return raise("strftime/1 requires parsed datetime inputs");
  }
  if (!format.is_string()) return raise("strftime/1 requires a string format");
  auto time = fields_of(parts, "strftime/1");
  if (!time) return std::unexpected(std::move(time.error()));
  const std::time_t seconds = ::timegm(&*time);
  if (static_cast<double>(seconds) < first_second || static_cast<double>(seconds) > last_second) return out_of_range();
  call.meter.text_steps(format.size() + longest);
  // A character more, so that an empty result is told from one that does not fit.
  const std::string pattern = prepared(format.text(), seconds, time->tm_year + first_year) + "|";
  std::string text(longest, '\0');
  const std::size_t size = ::strftime_l(text.data(), text.size(), pattern.c_str(), &*time, c_locale());
  if (size == 0) return raise("strftime/1: the result is too long");
  return Value::string(std::string_view(text).substr(0, size - 1));
}

constexpr Native list[] = {{"gmtime", 0, gmtime},     {"localtime", 0, gmtime},  {"mktime", 0, mktime},
                           {"strptime", 1, strptime}, {"strftime", 1, strftime}, {"strflocaltime", 1, strftime}};

}  // namespace

std::span<const Native> date_natives() { return list; }

}  // namespace pawl::expr
