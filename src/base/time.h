// UTC instants with PostgreSQL's resolution, and durations as ISO 8601 writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

using Microseconds = std::chrono::microseconds;
using Time = std::chrono::sys_time<Microseconds>;

// RFC 3339 in UTC with as many fraction digits as needed (none, 3 or 6): 2026-11-21T15:14:00.25Z is written .250Z.
std::string format_time(Time time);
std::optional<Time> parse_time(std::string_view text);  // RFC 3339, any offset, years 1 … 9999

// A duration with calendar units (rule "wait": years, months and days count in UTC from the start; only seconds may
// have a fraction). Never negative.
struct CalendarDuration {
  std::int32_t years = 0, months = 0;
  std::int64_t days = 0;
  Microseconds rest{0};  // hours, minutes, seconds, milliseconds

  bool operator==(const CalendarDuration&) const = default;
};

// ISO 8601: P1Y2M3DT4H5M6.5S, P2W. Nullopt for anything else, for a negative one, and for overflow (years > 9999).
std::optional<CalendarDuration> parse_iso_duration(std::string_view text);
std::string format_iso_duration(Microseconds duration);  // PT1H30M0.25S; PT0S

// `start` plus the duration: months are added first (a day beyond the month's end becomes its last day), then days,
// then the rest. Saturates at the end of year 9999.
Time add(Time start, const CalendarDuration& duration);

// A request's or an option's duration: ISO 8601, or a number with a unit: 250ms, 30s, 5m, 2h, 7d. Months and years are
// refused.
std::optional<Microseconds> parse_duration(std::string_view text);

}  // namespace pawl
