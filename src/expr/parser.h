// The grammar of jq 1.7 (src/parser.y of jq, manual section "Basic filters" and following), by recursive descent with
// precedence climbing. The depth of nesting is limited, so the C++ stack is.
#pragma once

#include <string_view>

#include "expr/syntax.h"

namespace pawl::expr {

// Throws SyntaxError. The tree's names are views into `source`.
Syntax parse_program(std::string_view source);

// The same for definitions alone (`def a: …; def b: …;`), as the built-in functions are written; `root` is a define
// node without body.
Syntax parse_definitions(std::string_view source);

}  // namespace pawl::expr
