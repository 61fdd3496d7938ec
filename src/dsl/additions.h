// metadata.pawl: what this project adds to the language, where the specification leaves room (rule A1). All other
// metadata is the author's and never read.
#pragma once

#include <optional>
#include <string>

#include "dsl/context.h"

namespace pawl::dsl {

// Both check a `metadata` object and give the queue that it names.
std::optional<std::string> read_task_metadata(Context& context, const json::Value& metadata, const std::string& pointer,
                                              bool is_try);
std::optional<std::string> read_document_metadata(Context& context, const json::Value& metadata,
                                                  const std::string& pointer);

}  // namespace pawl::dsl
