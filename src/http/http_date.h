// The one date form that HTTP writes (RFC 9110 section 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace pawl::http {

std::string format_http_date(std::time_t seconds);

// The text of the current second, made once a second. One per thread.
class DateCache {
 public:
  std::string_view now();

 private:
  std::time_t second_ = 0;
  std::string text_;
};

}  // namespace pawl::http
