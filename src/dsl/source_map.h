// Where each value of a document stands in its text, so that a diagnostic can name line and column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace pawl::dsl {

// From 1; columns count code points.
struct Position {
  std::uint32_t line = 1, column = 1;
};

// The places of a value and of what is in it, in bytes from the beginning of the text; the children in the order of the
// value's items or (sorted) members. Children are shared, so that an alias costs nothing however often it is used.
struct Places {
  std::uint32_t key = 0;  // of the member's name; of an item, the same as `value`
  std::uint32_t value = 0;
  std::shared_ptr<const std::vector<Places>> children;
};

// The text must outlive the map.
class SourceMap {
 public:
  explicit SourceMap(std::string_view text) : text_(text) {}

  void set_root(json::Value root, Places places) {
    root_ = std::move(root);
    places_ = std::move(places);
  }

  // Linear in the length of the text: meant for diagnostics, of which there are few.
  Position position(std::size_t offset) const;

  // The place that an RFC 6901 pointer names, or of its nearest ancestor when there is none. Linear in the pointer.
  Places find(std::string_view pointer) const;

 private:
  std::string_view text_;
  json::Value root_;
  Places places_;
};

}  // namespace pawl::dsl
