// A YAML 1.2 document (JSON is one) to a value, with the place of each part. Refused is whatever two readers could
// understand differently or a tenant could make large: duplicate keys, merge keys, tags beyond the core schema, aliases
// that expand beyond the budget. Scalars have the types of the core schema.
#pragma once

#include <optional>
#include <string_view>

#include "dsl/compile.h"
#include "dsl/diagnostics.h"
#include "dsl/source_map.h"
#include "json/value.h"

namespace pawl::dsl {

// Texts of scalars and keys, aliases expanded. Bounds the work of whoever walks the value, as `Limits::nodes` does.
inline constexpr std::size_t expanded_bytes_at_most = 4 << 20;

// The value, and the places in `map`. Null when there is nothing to go on with: the text is too large, is not YAML or
// exceeds a limit. After problems of single keys and scalars it is there, so that the rest can be checked too.
// Linear in the text (times the logarithm of the largest mapping, to sort it).
std::optional<json::Value> read_yaml(std::string_view text, const Limits& limits, Diagnostics& problems,
                                     SourceMap& map);

}  // namespace pawl::dsl
