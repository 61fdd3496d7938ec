// The parameters of one statement, in PostgreSQL's binary format, in one buffer.
//
//   Params params;
//   Array<Uuid> ids;
//   for (const Start& start : starts) ids.add(start.id);
//   params.add(tenant).add(std::string_view("orders")).add(ids).add(std::optional<Time>());
//
// Values are copied: nothing that was added needs to stay alive. An enumerated type is sent as text and cast in the
// statement ($3::text[]::pawl.run_status[]). U+0000 in a text or a jsonb is refused by the server (22021, 22P05).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "pg/types.h"

namespace pawl::pg {

// A one-dimensional array for unnest($n::uuid[], …), grown element by element; elements may be NULL.
template <class T>
class Array {
 public:
  void reserve(std::size_t elements, std::size_t bytes_each = sizeof(T)) {
    elements_.reserve(elements * (bytes_each + 4));
  }

  void add(const T& value) {
    wire::put(elements_, std::int32_t{0});  // the length, known once the element is written
    const std::size_t begin = elements_.size();
    Codec<T>::write(elements_, value);
    const auto length = static_cast<std::uint32_t>(elements_.size() - begin);
    for (std::size_t i = 0; i < 4; ++i) elements_[begin - 4 + i] = static_cast<char>((length >> (24 - 8 * i)) & 0xff);
    ++count_;
  }
  template <class Maybe>
    requires std::same_as<Maybe, std::optional<T>>
  void add(const Maybe& value) {
    value ? add(*value) : add_null();
  }
  void add_null() {
    wire::put(elements_, std::int32_t{-1});
    has_null_ = true;
    ++count_;
  }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return elements_.size(); }

 private:
  friend class Params;
  void write(std::string& out) const {  // array_recv: dimensions, has-null, type, then each dimension
    wire::put(out, std::int32_t{count_ == 0 ? 0 : 1});
    wire::put(out, std::int32_t{has_null_ ? 1 : 0});
    wire::put(out, static_cast<std::int32_t>(Codec<T>::oid));
    if (count_ == 0) return;
    wire::put(out, static_cast<std::int32_t>(count_));
    wire::put(out, std::int32_t{1});  // its lower bound
    out.append(elements_);
  }

  std::string elements_;
  std::size_t count_ = 0;
  bool has_null_ = false;
};

class Params {
 public:
  template <class T>
  Params& add(const T& value) {
    open(Codec<T>::oid);
    Codec<T>::write(buffer_, value);
    return close();
  }
  template <class T>
  Params& add(const std::optional<T>& value) {
    return value ? add(*value) : add_null(Codec<T>::oid);
  }
  template <class T>
  Params& add(const Array<T>& array) {
    open(Codec<T>::array_oid);
    array.write(buffer_);
    return close();
  }
  Params& add(const std::string& text) { return add(std::string_view(text)); }
  Params& add(const std::optional<std::string>& text) {
    return text ? add(std::string_view(*text)) : add_null(Codec<std::string_view>::oid);
  }
  Params& add(const char*) = delete;  // would become a bool
  Params& add_null(Oid type) {
    items_.push_back({.type = type, .begin = buffer_.size(), .length = -1});
    return *this;
  }

  std::size_t size() const { return items_.size(); }
  std::size_t bytes() const { return buffer_.size(); }

 private:
  friend class Session;
  struct Item {
    Oid type;
    std::size_t begin;
    int length;
  };  // length -1: NULL

  void open(Oid type) { items_.push_back({.type = type, .begin = buffer_.size(), .length = 0}); }
  Params& close() {
    items_.back().length = static_cast<int>(buffer_.size() - items_.back().begin);
    return *this;
  }

  std::string buffer_;
  std::vector<Item> items_;
};

}  // namespace pawl::pg
