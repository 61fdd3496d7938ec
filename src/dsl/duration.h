// A duration as a definition writes it (rule S6, class "duration").
#pragma once

#include <variant>

#include "base/time.h"
#include "expr/expression.h"

namespace pawl::dsl {

// Fixed (ISO 8601 text or an object such as {minutes: 5}), or a program that gives ISO 8601 text when it is needed.
using Duration = std::variant<CalendarDuration, expr::Expression>;

}  // namespace pawl::dsl
