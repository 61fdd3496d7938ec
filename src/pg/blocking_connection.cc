#include "pg/blocking_connection.h"

#include <utility>

namespace pawl::pg {

Problem operator_problem(const Error& error) {
  if (error.sqlstate == "42501") {  // insufficient_privilege
    return {.status = 403,
            .code = "database-denied",
            .title = "This login may not do that",
            .detail = error.message,
            .instance = {},
            .hint =
                "Connect as a superuser, or as a member of pawl_owner; the first migration also needs CREATEROLE and "
                "CREATE on the database."};
  }
  // undefined_table, undefined_function, invalid_schema_name; a role that does not exist is an invalid parameter of SET
  // ROLE
  const bool no_role = error.sqlstate == "22023" && error.message.starts_with("role ");
  if (error.sqlstate == "42P01" || error.sqlstate == "42883" || error.sqlstate == "3F000" || no_role) {
    return {.status = 409,
            .code = "database-not-migrated",
            .title = "The database does not have Pawl's schema yet",
            .detail = error.message,
            .instance = {},
            .hint = "Run pawl db migrate first."};
  }
  return problem_of(error);
}

Result<BlockingConnection> BlockingConnection::open(const std::string& conninfo, const std::string& application_name,
                                                    Microseconds timeout, const std::string& role) {
  BlockingConnection made;
  made.timeout_ = timeout;
  auto opened =
      run_to_end(*made.io_, made.connection_->open({.conninfo = conninfo, .application_name = application_name}));
  if (!opened) return fail(problem_of(opened.error()));
  if (role.empty()) return made;
  if (auto taken = made.script("SET ROLE " + role); !taken) return fail(std::move(taken.error()));
  return made;
}

Outcome<Results> BlockingConnection::try_run(Pipeline pipeline) {
  return run_to_end(*io_, connection_->run(std::move(pipeline), timeout_));
}

Result<Results> BlockingConnection::run(Pipeline pipeline) {
  auto results = try_run(std::move(pipeline));
  if (!results) return fail(operator_problem(results.error()));
  return std::move(*results);
}

Result<Rows> BlockingConnection::run(std::string sql, Params params) {
  Pipeline pipeline;
  pipeline.add(std::move(sql), std::move(params));
  auto results = run(std::move(pipeline));
  if (!results) return fail(std::move(results.error()));
  return std::move(results->front());
}

Result<void> BlockingConnection::script(const std::string& sql) {
  const auto results = run_to_end(*io_, connection_->run_script(sql, timeout_));
  if (!results) return fail(operator_problem(results.error()));
  return {};
}

}  // namespace pawl::pg
