// The arguments of `call: http`.
#pragma once

#include <optional>

#include "dsl/tasks.h"

namespace pawl::dsl {

std::optional<HttpCall> read_http(Context& context, const Reading& reading);

}  // namespace pawl::dsl
