// Where one JSON text ends and the next begins, in a stream of them as jq reads it: on one line or over many.
#pragma once

#include <string_view>
#include <vector>

namespace pawl::cli {

// The parts of `stream`, each to be parsed by itself: whoever parses finds what is wrong in them. Views into `stream`.
std::vector<std::string_view> json_texts(std::string_view stream);

}  // namespace pawl::cli
