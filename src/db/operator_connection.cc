#include "db/operator_connection.h"

#include <utility>

namespace pawl::db {

Problem operator_problem(const pg::Error& error) {
  if (error.sqlstate != "42501") return pg::problem_of(error);
  return {.status = 403,
          .code = "database-denied",
          .title = "This login may not do that",
          .detail = error.message,
          .instance = {},
          .hint =
              "Connect as a superuser, or as a member of pawl_owner; the first migration also needs CREATEROLE and "
              "CREATE on the database."};
}

Result<OperatorConnection> OperatorConnection::open(const std::string& conninfo, const std::string& application_name,
                                                    Microseconds timeout) {
  OperatorConnection made;
  made.timeout_ = timeout;
  auto opened =
      pg::run_to_end(*made.io_, made.connection_->open({.conninfo = conninfo, .application_name = application_name}));
  if (!opened) return fail(pg::problem_of(opened.error()));
  return made;
}

Result<pg::Results> OperatorConnection::run(pg::Pipeline pipeline) {
  auto results = pg::run_to_end(*io_, connection_->run(std::move(pipeline), timeout_));
  if (!results) return fail(operator_problem(results.error()));
  return std::move(*results);
}

Result<void> OperatorConnection::script(const std::string& sql) {
  const auto results = pg::run_to_end(*io_, connection_->run_script(sql, timeout_));
  if (!results) return fail(operator_problem(results.error()));
  return {};
}

}  // namespace pawl::db
