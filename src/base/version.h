// What this build is. The number is the project's in CMakeLists.txt.
#pragma once

#include <string_view>

namespace pawl {

std::string_view version();  // 0.1.0

}  // namespace pawl
