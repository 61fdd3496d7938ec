// A connection for operator's commands: blocking, one statement after the other, errors as problems. Never within a
// running loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "base/problem.h"
#include "pg/connection.h"

namespace pawl::pg {

class BlockingConnection {
 public:
  // `timeout` for each statement. With a role, that is taken by a statement of its own, so that a refusal is
  // `database-denied`. Code database-unavailable when nobody answers.
  static Result<BlockingConnection> open(const std::string& conninfo, const std::string& application_name,
                                         Microseconds timeout, const std::string& role = {});

  Outcome<Results> try_run(Pipeline pipeline);  // for callers that act on an SQLSTATE
  Result<Results> run(Pipeline pipeline);
  Result<Rows> run(std::string sql, Params params = {});
  Result<void> script(const std::string& sql);

 private:
  BlockingConnection() = default;
  std::unique_ptr<boost::asio::io_context> io_ = std::make_unique<boost::asio::io_context>();
  std::unique_ptr<Connection> connection_ = std::make_unique<Connection>(*io_);  // goes before its loop
  Microseconds timeout_{};
};

// problem_of(), with hints for operators: database-denied for what the login may not do, database-not-migrated when the
// schema or its roles are not there.
Problem operator_problem(const Error& error);

}  // namespace pawl::pg
