// The end of an evaluation: numbers that JSON does not have become ones that it has (rule J3).
#pragma once

#include "json/value.h"

namespace pawl::expr {

// NaN becomes null, an infinity the largest double of its sign, -0 becomes 0; everything else is the same value.
json::Value cleaned(json::Value value);

}  // namespace pawl::expr
