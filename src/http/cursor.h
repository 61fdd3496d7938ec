// Where a page of a list ended: opaque to clients, who send it back as `?cursor=`.
#pragma once

#include <string>
#include <string_view>

#include "base/problem.h"
#include "base/time.h"
#include "base/uuid.h"

namespace pawl::http {

// The last item of the page: lists go by time, newest first, and by id among equals.
struct Cursor {
  Time time;
  Uuid id;

  bool operator==(const Cursor&) const = default;
};

std::string format_cursor(const Cursor& cursor);     // 34 characters of base64url
Result<Cursor> parse_cursor(std::string_view text);  // `cursor-invalid`, 400

}  // namespace pawl::http
