#include "http/http_date.h"

#include <cstdio>

namespace pawl::http {

std::string format_http_date(std::time_t seconds) {
  // Not strftime: its names follow the locale.
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const int length =
      std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                    months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text, static_cast<std::size_t>(length)};
}

std::string_view DateCache::now() {
  const std::time_t second = std::time(nullptr);
  if (second != second_) {
    second_ = second;
    text_ = format_http_date(second);
  }
  return text_;
}

}  // namespace pawl::http
