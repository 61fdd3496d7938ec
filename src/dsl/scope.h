// Which variables a program of a definition sees (the table of rule D2).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/program.h"

namespace pawl::dsl {

// The rows of rule D2 that differ. `$workflow` and `$runtime` are seen everywhere.
enum class Site : std::uint8_t {
  workflow_input,   // the workflow's input.from and timeout: nothing else
  workflow_output,  // the workflow's output.as: $context
  before,           // if, timeout, input.from: $context, $task
  work,             // the definition, output.as, while, catch.*, retry.*: $context, $input, $task
  after             // export.as: $context, $input, $output, $task
};

inline constexpr std::array<std::string_view, argument_count> argument_names{"context", "input",    "output",
                                                                             "task",    "workflow", "runtime"};

// The names to compile a program with: the slots of Argument, empty where the site does not allow them, then `locals`.
// A local that an inner one of the same name hides keeps its slot and loses its name. The views are those of `locals`.
std::vector<std::string_view> visible(Site site, std::span<const std::string> locals);

// The site and the locals as one text, to key what was compiled under them.
std::string scope_key(Site site, std::span<const std::string> locals);

// Whether the name (without `$`) is one of rule D2 or of the jq language, which no loop or catch may take.
bool is_reserved_variable(std::string_view name);

}  // namespace pawl::dsl
