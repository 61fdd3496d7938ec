// A connection for operator's commands: blocking, one statement after the other, errors as problems.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "base/problem.h"
#include "pg/connection.h"

namespace pawl::db {

class OperatorConnection {
 public:
  // `timeout` for each statement. Code database-unavailable.
  static Result<OperatorConnection> open(const std::string& conninfo, const std::string& application_name,
                                         Microseconds timeout);

  Result<pg::Results> run(pg::Pipeline pipeline);
  Result<void> script(const std::string& sql);

 private:
  OperatorConnection() = default;
  std::unique_ptr<boost::asio::io_context> io_ = std::make_unique<boost::asio::io_context>();
  std::unique_ptr<pg::Connection> connection_ = std::make_unique<pg::Connection>(*io_);  // goes before its loop
  Microseconds timeout_{};
};

// problem_of(), but what the login may not do is database-denied, with a hint for operators.
Problem operator_problem(const pg::Error& error);

}  // namespace pawl::db
