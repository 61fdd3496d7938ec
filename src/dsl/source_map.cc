#include "dsl/source_map.h"

#include <algorithm>
#include <charconv>

#include "json/pointer.h"

namespace pawl::dsl {
namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

// Which child of `value` the token names.
std::size_t child_index(const json::Value& value, std::string_view token) {
  if (value.is_object()) {
    const auto members = value.members();
    const auto found = std::ranges::lower_bound(members, token, {}, &json::Member::key);
    return found != members.end() && found->key() == token ? static_cast<std::size_t>(found - members.begin()) : none;
  }
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool whole = failure == std::errc{} && end == token.data() + token.size();
  return whole && index < value.items().size() ? index : none;
}

}  // namespace

Position SourceMap::position(std::size_t offset) const {
  const std::string_view before = text_.substr(0, std::min(offset, text_.size()));
  const std::size_t last_break = before.rfind('\n');
  const std::string_view line = before.substr(last_break == before.npos ? 0 : last_break + 1);
  // The bytes that begin a code point are all but 10xxxxxx.
  const auto starts =
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return {static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1), static_cast<std::uint32_t>(starts + 1)};
}

Places SourceMap::find(std::string_view pointer) const {
  const auto tokens = json::parse_pointer(pointer);
  const json::Value* value = &root_;
  const Places* places = &places_;
  if (!tokens) return *places;
  for (const std::string& token : *tokens) {
    const std::size_t index = child_index(*value, token);
    if (index == none || !places->children || index >= places->children->size()) break;
    value = value->is_object() ? &value->members()[index].value : &value->items()[index];
    places = &(*places->children)[index];
  }
  return *places;
}

}  // namespace pawl::dsl
