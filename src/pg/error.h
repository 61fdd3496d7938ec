// What went wrong between us and PostgreSQL, sorted by what the caller may conclude from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/problem.h"

struct pg_result;

namespace pawl::pg {

struct Error {
  enum class Kind : std::uint8_t {
    server_answered,  // an ERROR: definite, the connection lives; inside an explicit transaction it must be rolled back
    connection_lost,  // also a FATAL: what was sent may have happened or not
    deadline,         // ours passed and the connection was given up: what was sent may have happened or not
    not_sent          // refused before a byte left: nothing has happened
  };
  Kind kind = Kind::connection_lost;
  std::string sqlstate;       // five characters; empty when the server said nothing
  std::string message;        // the server's, or ours; for logs, never for users
  std::string constraint;     // the violated one, if any
  std::string table;          // the table it concerns, if any
  std::size_t statement = 0;  // of a server's answer: the failed statement's place in its pipeline

  bool outcome_is_unknown() const { return kind == Kind::connection_lost || kind == Kind::deadline; }
  // PostgreSQL's error class: the first two characters ("23" for integrity violations); empty when there is no
  // SQLSTATE.
  std::string_view sqlstate_class() const { return std::string_view(sqlstate).substr(0, 2); }
};

template <class T>
using Outcome = std::expected<T, Error>;

Error error_of(const pg_result& result, std::size_t statement);

// For callers that have nothing better to say: 503 `database-unavailable`, `database-full` or `database-busy`, else 500
// `database-error`. The detail is the server's message: fit for operators, not for tenants.
Problem problem_of(const Error& error);

}  // namespace pawl::pg
