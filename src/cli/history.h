// Events and times as the commands that show a run's history print them.
#pragma once

#include <string>
#include <string_view>

#include "cli/terminal.h"
#include "json/value.h"

namespace pawl::cli {

inline const Row event_headings = {"SEQ", "TIME", "TYPE", "PATH", "PAYLOAD"};

// An event's cells: long payloads are cut for people, whole for pipes.
Row event_row(const Terminal& terminal, const json::Value& event);

// 2026-03-01T12:00:00.250Z as people read it: 2026-03-01 12:00:00.250.
std::string moment(const json::Value& value, std::string_view key);

std::string run_target(const std::string& id);

// Whose run it was that is not there: the answer does not repeat the id.
Problem about(Problem problem, const std::string& id);

}  // namespace pawl::cli
