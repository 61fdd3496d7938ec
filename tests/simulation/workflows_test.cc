#include "simulation/workflows.h"

#include <gtest/gtest.h>

#include "dsl/compile.h"

namespace pawl::simulation {
namespace {

TEST(Workflows, AllAreValid) {
  for (const Workflow& workflow : workflows()) {
    const dsl::Compiled compiled = dsl::compile(workflow.source);
    EXPECT_TRUE(compiled.program) << workflow.name;
    for (const dsl::Diagnostic& diagnostic : compiled.diagnostics) {
      if (!compiled.program) ADD_FAILURE() << workflow.name << ": " << diagnostic.code << " " << diagnostic.message;
    }
  }
}

}  // namespace
}  // namespace pawl::simulation
