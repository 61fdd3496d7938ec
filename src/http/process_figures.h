// What this process takes of its machine, under the names that Prometheus' own clients use.
#pragma once

#include <string>

namespace pawl::http {

// process_cpu_seconds_total and process_resident_memory_bytes, in the text format of Prometheus.
std::string process_figures();

}  // namespace pawl::http
