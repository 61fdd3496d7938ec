// The SQL of this room: files of postgres/sql and reads/sql, embedded in the binary, prepared under their file's name.
#pragma once

#include <string_view>

#include "pg/pipeline.h"

namespace pawl::store {

// `file` must be one of them, without its folder: "load_run.sql". Anything else ends the process.
pg::Statement statement(std::string_view file);

}  // namespace pawl::store
