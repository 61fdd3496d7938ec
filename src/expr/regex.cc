#include "expr/regex.h"

#include "expr/native.h"
namespace pawl::expr {
bool takes_regex(std::string_view) { return false; }
std::optional<std::string> check_regex(std::string_view) { return std::nullopt; }
std::span<const Native> regex_natives() { return {}; }
std::span<const Native> date_natives() { return {}; }
}  // namespace pawl::expr
