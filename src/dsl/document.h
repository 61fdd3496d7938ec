// The document itself: its header, its data flow, its parts.
#pragma once

#include "dsl/context.h"

namespace pawl::dsl {

// Fills the program. With errors in context.problems afterwards, it must not be run.
void read_document(Context& context, const json::Value& document);

}  // namespace pawl::dsl
