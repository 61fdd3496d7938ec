#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <span>

#include "base/log_line.h"

namespace pawl {
namespace {

bool wants_colour() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDERR_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

// The one place that holds process-wide state in this library: where lines go and which are wanted. A log that had to
// be handed through every constructor would hide the dependencies that matter.
struct Sink {
  std::atomic<LogLevel> level{LogLevel::info};
  std::atomic<bool> json{isatty(STDERR_FILENO) == 0};
  spdlog::logger logger;

  Sink() : logger("pawl", make_sink()) {
    logger.set_level(spdlog::level::trace);  // `level` decides
    logger.set_pattern("%^%v%$");
    logger.flush_on(spdlog::level::trace);
  }

  static spdlog::sink_ptr make_sink() {
    if (!wants_colour()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  }
};

Sink& sink() {
  static Sink instance;
  return instance;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
    case LogLevel::off:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void configure_log(LogLevel level, LogFormat format) {
  sink().level = level;
  sink().json = format == LogFormat::json || (format == LogFormat::automatic && isatty(STDERR_FILENO) == 0);
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Sink& to = sink();
  if (level < to.level.load(std::memory_order_relaxed)) return;
  const Time now = std::chrono::floor<Microseconds>(std::chrono::system_clock::now());
  const std::span<const LogField> all(fields.begin(), fields.size());
  const std::string line = to.json.load(std::memory_order_relaxed) ? json_log_line(now, level, message, all)
                                                                   : text_log_line(now, level, message, all);
  to.logger.log(spdlog_level(level), line);
}

}  // namespace pawl
