// One log record as text: the two forms that log.h promises. Internal to base/; apart from log.cc so that it is tested
// without a sink.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/time.h"

namespace pawl {

// {"ts":"2026-11-21T15:14:00.250Z","level":"info","message":"...","name":value...} without a line end. Always one valid
// JSON document in UTF-8: bytes that are not UTF-8 become U+FFFD, numbers that JSON lacks become null.
std::string json_log_line(Time time, LogLevel level, std::string_view message, std::span<const LogField> fields);

// 2026-11-21T15:14:00.250Z info    message name=value. Values with blanks, quotes or control characters are written as
// JSON strings, and so is such a message, so that no input can forge a line or move the terminal's cursor.
std::string text_log_line(Time time, LogLevel level, std::string_view message, std::span<const LogField> fields);

std::string_view level_name(LogLevel level);

}  // namespace pawl
