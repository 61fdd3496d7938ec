// From a document (YAML or JSON text) to a program, with every problem found, not just the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/program.h"

namespace pawl::dsl {

struct Limits {
  std::size_t bytes = 1 << 20;    // the text
  std::uint32_t nodes = 100'000;  // values in it, aliases expanded
  std::uint32_t aliases = 1'000;
  std::uint32_t depth = 64;
};

struct Compiled {
  std::shared_ptr<const Program> program;  // null when a diagnostic is an error
  std::vector<Diagnostic> diagnostics;     // in the order of the text
};

// Never throws. Time is linear in the text. JSON is YAML here (YAML 1.2 core schema).
Compiled compile(std::string_view source, const Limits& limits = {});

}  // namespace pawl::dsl
