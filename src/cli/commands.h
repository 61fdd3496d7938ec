// The commands, one function each; what they print goes through the terminal, what they return is the exit code.
#pragma once

#include "cli/options.h"
#include "cli/terminal.h"

namespace pawl::cli {

int run(const Dev& options, const Terminal& terminal);       // commands/dev.cc
int run(const Server& options, const Terminal& terminal);    // commands/server.cc
int run(const Deploy& options, const Terminal& terminal);    // commands/deploy.cc
int run(const Run& options, const Terminal& terminal);       // commands/run.cc
int run(const RunsList& options, const Terminal& terminal);  // commands/runs.cc
int run(const RunsShow& options, const Terminal& terminal);
int run(const RunsWait& options, const Terminal& terminal);
int run(const RunsEvents& options, const Terminal& terminal);
int run(const RunsFollow& options, const Terminal& terminal);
int run(const RunsLogs& options, const Terminal& terminal);  // commands/logs.cc
int run(const RunsSteps& options, const Terminal& terminal);
int run(const RunsCancel& options, const Terminal& terminal);
int run(const Explain& options, const Terminal& terminal);    // commands/explain.cc
int run(const Check& options, const Terminal& terminal);      // commands/check.cc
int run(const Eval& options, const Terminal& terminal);       // commands/eval.cc
int run(const DbMigrate& options, const Terminal& terminal);  // commands/db.cc
int run(const DbStatus& options, const Terminal& terminal);
int run(const Verify& options, const Terminal& terminal);         // commands/verify.cc
int run(const TenantsCreate& options, const Terminal& terminal);  // commands/access.cc
int run(const TenantsList& options, const Terminal& terminal);
int run(const TokenCreate& options, const Terminal& terminal);
int run(const TokenList& options, const Terminal& terminal);
int run(const TokenRevoke& options, const Terminal& terminal);
int run(const Bench& options, const Terminal& terminal);    // commands/bench.cc
int run(const Env& options, const Terminal& terminal);      // commands/env.cc
int run(const Version& options, const Terminal& terminal);  // commands/version.cc

}  // namespace pawl::cli
