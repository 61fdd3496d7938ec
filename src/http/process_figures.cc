#include "http/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>

namespace pawl::http {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// The second number of /proc/self/statm, in pages; 0 when it cannot be read.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

std::string process_figures() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  char text[500];
  std::snprintf(text, sizeof text,
                "# HELP process_cpu_seconds_total Processor time of this server, user and system.\n"
                "# TYPE process_cpu_seconds_total counter\n"
                "process_cpu_seconds_total %.6f\n"
                "# HELP process_resident_memory_bytes Memory of this server that is in RAM.\n"
                "# TYPE process_resident_memory_bytes gauge\n"
                "process_resident_memory_bytes %llu\n",
                seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
                static_cast<unsigned long long>(resident_bytes()));
  return text;
}

}  // namespace pawl::http
