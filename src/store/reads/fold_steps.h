// Steps of a run from its events, without the program: for people who look at a run, not for deciding.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/reads.h"

namespace pawl::store {

std::vector<Step> fold_steps(std::span<const core::Event> events);

// Rule S4 backwards: the reference (rule S3) of the task that an execution id names, and that task's name.
std::string reference_of(std::string_view path);
std::string task_name_of(std::string_view reference);

}  // namespace pawl::store
