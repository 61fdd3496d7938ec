// Statements that are sent together and followed by one Sync: one message to the server, one round trip.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/params.h"

namespace pawl::pg {

// A statement that a connection prepares when it first meets it. Both views are of static storage (embedded SQL,
// literals); a name belongs to one text for the life of the process.
struct Statement {
  std::string_view name, sql;
};

// Without begin() the statements are one implicit transaction: the first error undoes those before it. With it, the
// session stays in a failed transaction after an error, until ROLLBACK.
class Pipeline {
 public:
  Pipeline& add(Statement statement, Params params = {}) {
    items_.push_back({.prepared = statement, .sql = {}, .params = std::move(params)});
    return *this;
  }
  Pipeline& add(std::string sql, Params params = {}) {  // parsed each time
    items_.push_back({.prepared = {}, .sql = std::move(sql), .params = std::move(params)});
    return *this;
  }
  Pipeline& begin() { return add(Statement{"pawl_begin", "BEGIN ISOLATION LEVEL READ COMMITTED"}); }
  // The last statement. COMMIT of a failed transaction answers ROLLBACK without an error: its tag is compared, and
  // another one becomes an Error with SQLSTATE 40000.
  Pipeline& commit() {
    must_commit_ = true;
    return add(Statement{"pawl_commit", "COMMIT"});
  }

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }

 private:
  friend class Session;
  struct Item {
    Statement prepared;
    std::string sql;
    Params params;
  };  // prepared.name empty: sql
  std::vector<Item> items_;
  bool must_commit_ = false;
};

}  // namespace pawl::pg
