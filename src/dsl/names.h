// What a name may look like (rules S2, S6, S7). Names are literals: none may be an expression.
#pragma once

#include <string>
#include <string_view>

#include "dsl/context.h"

namespace pawl::dsl {

bool is_dns_label(std::string_view text);         // a namespace or a name: letters, digits, inner hyphens, at most 63
bool is_semantic_version(std::string_view text);  // semver.org 2.0.0
bool is_action_name(std::string_view text);       // pack.action: two or more words of letters, digits, _ and -
bool is_iso_duration(std::string_view text);

// The name of a task or function. False after reporting.
bool check_task_name(Context& context, std::string_view name, const std::string& pointer);
// The value of `each`, `at` or `as`, without `$`. False after reporting.
bool check_variable_name(Context& context, const json::Value& value, const std::string& pointer);
// False after reporting when the text is an expression, which no name may be.
bool check_literal_name(Context& context, std::string_view name, const std::string& pointer);

}  // namespace pawl::dsl
