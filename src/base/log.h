// Structured logging behind one small interface, so that the logging library is compiled once (log.cc).
// One JSON object a line when standard error is not a terminal, else a readable line. Safe from any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace pawl {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };  // off: to configure_log() alone

struct LogField {
  std::string_view name;
  std::variant<std::string, std::int64_t, double, bool> value;
};

enum class LogFormat : std::uint8_t { automatic, json, text };
void configure_log(LogLevel level, LogFormat format);
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::debug, message, fields);
}
inline void log_info(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::info, message, fields);
}
inline void log_warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::warning, message, fields);
}
inline void log_error(std::string_view message, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::error, message, fields);
}

}  // namespace pawl
