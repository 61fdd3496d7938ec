// What one statement gave: its rows in binary, read by type and column number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/types.h"

struct pg_result;

namespace pawl::pg {

// Owns the server's answer; views that were read from it live as long. Reading a column as a type that it does not
// have, a NULL as a value, or a column that is not there is a fault of the program and throws std::logic_error.
class Rows {
 public:
  explicit Rows(pg_result* result);  // takes it over

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view tag() const;    // INSERT 0 3, COMMIT, …
  std::uint64_t affected() const;  // rows inserted, updated, deleted or returned

  bool is_null(std::size_t row, std::size_t column) const;
  template <class T>
  T get(std::size_t row, std::size_t column) const {
    return Codec<T>::read(bytes(row, column, Codec<T>::oid));
  }
  template <class T>
  std::optional<T> maybe(std::size_t row, std::size_t column) const {
    return is_null(row, column) ? std::nullopt : std::optional<T>(get<T>(row, column));
  }
  // Text, also the label of an enumerated type and the text of a jsonb.
  std::string_view text(std::size_t row, std::size_t column) const;
  std::string maybe_text(std::size_t row, std::size_t column) const;  // NULL is the empty string
  // The bytes as they came: of a script's results the value's text. Empty when NULL.
  std::string_view raw(std::size_t row, std::size_t column) const;
  std::vector<std::uint8_t> bytea(std::size_t row, std::size_t column) const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  void check(std::size_t row, std::size_t column) const;
  std::string_view bytes(std::size_t row, std::size_t column, Oid type) const;

  std::unique_ptr<pg_result, Clear> result_;
  std::size_t size_ = 0;
};

using Results = std::vector<Rows>;  // one for each statement of a pipeline, in order

template <>
std::string_view Rows::get<std::string_view>(std::size_t row, std::size_t column) const;

}  // namespace pawl::pg
