#include "pg/error.h"

#include <libpq-fe.h>

namespace pawl::pg {

namespace {

std::string field(const pg_result& result, int code) {
  const char* text = PQresultErrorField(&result, code);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

Error error_of(const pg_result& result, std::size_t statement) {
  Error error;
  error.sqlstate = field(result, PG_DIAG_SQLSTATE);
  error.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  error.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  error.table = field(result, PG_DIAG_TABLE_NAME);
  error.statement = statement;
  if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) error.message += ": " + detail;
  if (error.message.empty()) {
    error.message = PQresultErrorMessage(&result);
    while (error.message.ends_with('\n')) error.message.pop_back();
  }
  // Not the localized severity, which a server's lc_messages may translate. Errors that libpq makes itself when a
  // connection breaks have no SQLSTATE.
  const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  error.kind =
      severity == "ERROR" && !error.sqlstate.empty() ? Error::Kind::server_answered : Error::Kind::connection_lost;
  return error;
}

Problem problem_of(const Error& error) {
  if (error.kind != Error::Kind::server_answered) {
    return {.status = 503,
            .code = "database-unavailable",
            .title = "The database does not answer",
            .detail = error.message,
            .instance = {},
            .hint = "Try again; if it stays, see whether PostgreSQL runs and accepts connections."};
  }
  if (error.sqlstate_class() == "53") {
    return {.status = 503,
            .code = "database-full",
            .title = "The database has no room or no connections left",
            .detail = error.message,
            .instance = {},
            .hint = "Free disk space or raise PostgreSQL's limits; requests succeed again by themselves then."};
  }
  if (error.sqlstate_class() == "40" || error.sqlstate == "55P03" || error.sqlstate == "57014") {
    return {.status = 503,
            .code = "database-busy",
            .title = "The database could not finish in time",
            .detail = error.message,
            .instance = {},
            .hint = "Try again."};
  }
  return {.status = 500,
          .code = "database-error",
          .title = "The database refused a statement",
          .detail = error.sqlstate + " " + error.message,
          .instance = error.constraint,
          .hint = {}};
}

}  // namespace pawl::pg
