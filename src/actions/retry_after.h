// The Retry-After header (RFC 9110 section 10.2.3): seconds, or a date in one of the three forms that HTTP has had.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace pawl::actions {

// How long to wait from `now`; a date that has passed is no wait. At most 30 days, whatever the server says.
// Nullopt: not a value that means anything.
std::optional<Microseconds> parse_retry_after(std::string_view value, Time now);

// RFC 9110 section 5.6.7: IMF-fixdate, RFC 850's form (its two-digit year is the nearest to `now` not more than 50
// years ahead), asctime's form.
std::optional<Time> parse_http_date(std::string_view text, Time now);

}  // namespace pawl::actions
