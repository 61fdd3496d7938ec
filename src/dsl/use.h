// `use`: the parts of a definition that others name.
#pragma once

#include <string>

#include "dsl/context.h"
#include "dsl/programs.h"

namespace pawl::dsl {

// Takes note of the names, before any task is read.
void collect_use(Context& context, const json::Value& use);

// Reads the functions' tasks, and what no task has used, so that each part is checked.
void read_use(Context& context);

// The parts themselves, also where they stand inline.
expr::Template read_error(Context& context, const json::Value& error, const std::string& pointer, const View& view);
RetryPolicy read_retry(Context& context, const json::Value& value, const std::string& pointer, const View& view);

// Rule F4: functions may not call themselves, directly or through others. Gives the functions in an order in which each
// comes after those that it calls.
std::vector<std::size_t> check_recursion(Context& context);

}  // namespace pawl::dsl
