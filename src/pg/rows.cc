#include "pg/rows.h"

#include <libpq-fe.h>

#include <charconv>
#include <stdexcept>

namespace pawl::pg {

namespace {

constexpr Oid first_user_oid = 16384;                            // FirstNormalObjectId: our enumerated types are beyond
constexpr Oid text_oids[] = {25, 19, 1043, 18, 114, 705, 3802};  // text, name, varchar, "char", json, unknown, jsonb

bool is_text(Oid type) {
  if (type >= first_user_oid) return true;
  for (const Oid each : text_oids) {
    if (each == type) return true;
  }
  return false;
}

}  // namespace

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

Rows::Rows(pg_result* result) : result_(result), size_(static_cast<std::size_t>(PQntuples(result))) {}

std::string_view Rows::tag() const { return PQcmdStatus(result_.get()); }

std::uint64_t Rows::affected() const {
  const std::string_view digits = PQcmdTuples(result_.get());
  std::uint64_t count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return count;
}

void Rows::check(std::size_t row, std::size_t column) const {
  if (row >= size_ || column >= static_cast<std::size_t>(PQnfields(result_.get()))) {
    throw std::logic_error("pg: row " + std::to_string(row) + ", column " + std::to_string(column) +
                           " is not in the result");
  }
}

bool Rows::is_null(std::size_t row, std::size_t column) const {
  check(row, column);
  return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
}

std::string_view Rows::bytes(std::size_t row, std::size_t column, Oid type) const {
  check(row, column);
  const int r = static_cast<int>(row), c = static_cast<int>(column);
  if (PQftype(result_.get(), c) != type || PQfformat(result_.get(), c) != 1) {
    throw std::logic_error(std::string("pg: column ") + PQfname(result_.get(), c) + " has type " +
                           std::to_string(PQftype(result_.get(), c)) + ", not " + std::to_string(type));
  }
  if (PQgetisnull(result_.get(), r, c) != 0)
    throw std::logic_error(std::string("pg: column ") + PQfname(result_.get(), c) + " is NULL");
  return {PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
  check(row, column);
  const Oid type = PQftype(result_.get(), static_cast<int>(column));
  if (!is_text(type))
    throw std::logic_error("pg: column " + std::to_string(column) + " of type " + std::to_string(type) +
                           " is not text");
  const std::string_view found = bytes(row, column, type);
  return type == Codec<Jsonb>::oid ? Codec<Jsonb>::read(found).text : found;
}

template <>
std::string_view Rows::get<std::string_view>(std::size_t row, std::size_t column) const {
  return text(row, column);
}

std::string Rows::maybe_text(std::size_t row, std::size_t column) const {
  return is_null(row, column) ? std::string() : std::string(text(row, column));
}

std::string_view Rows::raw(std::size_t row, std::size_t column) const {
  check(row, column);
  const int r = static_cast<int>(row), c = static_cast<int>(column);
  return {PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

std::vector<std::uint8_t> Rows::bytea(std::size_t row, std::size_t column) const {
  const auto found = get<Bytea>(row, column).bytes;
  return {found.begin(), found.end()};
}

}  // namespace pawl::pg
