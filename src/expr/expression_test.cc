#include "expr/expression.h"

#include <gtest/gtest.h>

namespace pawl::expr {
namespace {
TEST(Expression, Smoke) { SUCCEED(); }
}  // namespace
}  // namespace pawl::expr
