#include "bench/postgres_processes.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace pawl::bench {
namespace {

struct Process {
  std::string program;
  int parent = 0;
  std::uint64_t own_ticks = 0, ended_children_ticks = 0;
};

// /proc/PID/stat, proc(5): the program's name in parentheses, then the state (field 3), the parent (4), …, utime,
// stime, cutime and cstime (14 to 17).
std::optional<Process> read_process(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::size_t open = line.find('('), close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  Process process;
  process.program = line.substr(open + 1, close - open - 1);
  std::istringstream rest(line.substr(close + 1));
  std::string state, skipped;
  rest >> state >> process.parent;
  for (int field = 5; field <= 13; ++field) rest >> skipped;
  std::uint64_t user = 0, system = 0, children_user = 0, children_system = 0;
  rest >> user >> system >> children_user >> children_system;
  process.own_ticks = user + system;
  process.ended_children_ticks = children_user + children_system;
  return rest ? std::optional(process) : std::nullopt;
}

}  // namespace

std::optional<double> postgres_seconds(int backend) {
  const auto session = read_process(std::to_string(backend));
  if (!session || session->program != "postgres") return std::nullopt;
  const auto postmaster = read_process(std::to_string(session->parent));
  if (!postmaster || postmaster->program != "postgres") return std::nullopt;
  std::uint64_t ticks = postmaster->own_ticks + postmaster->ended_children_ticks;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (!std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
    const auto process = read_process(name);
    if (process && process->parent == session->parent) ticks += process->own_ticks;
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace pawl::bench
