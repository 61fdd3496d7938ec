// What only the whole program shows: tasks that are never reached, loops that never wait, branches whose exports may
// overwrite each other. All are warnings.
#pragma once

#include <span>

#include "dsl/context.h"

namespace pawl::dsl {

// The program must be free of errors. `functions` is the order that check_recursion gave.
void check_flow(Context& context, std::span<const std::size_t> functions);

}  // namespace pawl::dsl
