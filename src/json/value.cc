#include "json/value.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "json/merge_sort.h"
#include "json/node.h"
#include "json/write.h"

namespace pawl::json {

namespace {

using detail::add_saturating;
using detail::ArrayNode;
using detail::DigitsNode;
using detail::Node;
using detail::ObjectNode;
using detail::StringNode;

// Below this, whole doubles are written without exponent (J3): such a number reads back as an integer, so it is one.
constexpr double whole_numbers_below = 1e17;

void sort_members(std::vector<Member>& members) {
  auto less = [](const Member& a, const Member& b) { return a.key() < b.key(); };
  auto not_less = [](const Member& a, const Member& b) { return a.key() >= b.key(); };
  if (std::adjacent_find(members.begin(), members.end(), not_less) == members.end()) return;
  merge_sort(members, less);
  // Of equal keys the last one wins, and it comes last: keep the last of each group.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size() && members[i].key() == members[i + 1].key()) continue;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(kept), members.end());
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
  }
  return {};
}

Value::Value(Tag tag, Node* node) noexcept : tag_(tag), payload_(reinterpret_cast<std::uintptr_t>(node)) {}

Value Value::integer(std::int64_t number) noexcept {
  Value value;
  value.tag_ = Tag::integer;
  value.payload_ = static_cast<std::uint64_t>(number);
  return value;
}

Value Value::raw_number(double number) noexcept {
  Value value;
  value.tag_ = Tag::number;
  value.payload_ = std::bit_cast<std::uint64_t>(number);
  return value;
}

Value Value::number(double number) noexcept {
  if (std::fabs(number) < whole_numbers_below && number == std::trunc(number)) {
    return integer(static_cast<std::int64_t>(number));
  }
  return raw_number(number);
}

Value Value::string(std::string_view text) {
  auto* node = new StringNode;
  node->text = text;
  node->bytes = text.size() + 2;
  return Value(Tag::string, node);
}

Value Value::digits(double nearest, std::string_view text) {
  auto* node = new DigitsNode;
  node->nearest = nearest;
  node->text = text;
  node->bytes = text.size();
  return Value(Tag::digits, node);
}

Value Value::array(std::vector<Value> items) {
  auto* node = new ArrayNode;
  node->bytes = detail::brackets_bytes;
  for (const Value& item : items) {
    node->bytes = add_saturating(node->bytes, detail::item_bytes(item));
    node->depth = std::max(node->depth, item.depth());
  }
  ++node->depth;
  node->items = std::move(items);
  return Value(Tag::array, node);
}

Value Value::object() { return object(std::vector<Member>{}); }

Value Value::object(std::initializer_list<std::pair<std::string_view, Value>> members) {
  std::vector<Member> list;
  list.reserve(members.size());
  for (const auto& [key, value] : members) list.push_back({string(key), value});
  return object(std::move(list));
}

Value Value::object(std::vector<Member> members) {
  sort_members(members);
  auto* node = new ObjectNode;
  node->bytes = detail::brackets_bytes;
  for (const Member& member : members) {
    node->bytes =
        add_saturating(node->bytes, add_saturating(detail::name_bytes(member.name), detail::item_bytes(member.value)));
    node->depth = std::max(node->depth, member.value.depth());
  }
  ++node->depth;
  node->members = std::move(members);
  return Value(Tag::object, node);
}

Node* Value::node() const noexcept { return reinterpret_cast<Node*>(static_cast<std::uintptr_t>(payload_)); }

bool Value::is_unique() const noexcept { return node()->references.load(std::memory_order_acquire) == 1; }

void Value::retain() const noexcept { node()->references.fetch_add(1, std::memory_order_relaxed); }

void Value::release() noexcept {
  Node* released = node();
  if (released->references.load(std::memory_order_acquire) != 1 &&
      released->references.fetch_sub(1, std::memory_order_acq_rel) != 1) {
    return;
  }
  destroy(tag_, released);
}

// Frees a node and all below it that nobody else holds, without recursion: a value may be as deep as memory allows. The
// nodes to be freed hang in a list through next_dead; the tag of each waits in its `depth`.
void Value::destroy(Tag tag, Node* node) noexcept {
  Node* dead = node;
  dead->depth = static_cast<std::uint32_t>(tag);
  dead->next_dead = nullptr;
  auto drop = [&dead](Value& value) {
    if (value.tag_ == Tag::array || value.tag_ == Tag::object) {
      Node* child = value.node();
      if (child->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        child->depth = static_cast<std::uint32_t>(value.tag_);
        child->next_dead = dead;
        dead = child;
      }
      value.tag_ = Tag::null;
    }
  };
  while (dead != nullptr) {
    Node* current = dead;
    dead = current->next_dead;
    switch (static_cast<Tag>(current->depth)) {
      case Tag::array: {
        auto* array = static_cast<ArrayNode*>(current);
        for (Value& item : array->items) drop(item);
        delete array;
        break;
      }
      case Tag::object: {
        auto* object = static_cast<ObjectNode*>(current);
        for (Member& member : object->members) drop(member.value);
        delete object;
        break;
      }
      case Tag::string:
        delete static_cast<StringNode*>(current);
        break;
      default:
        delete static_cast<DigitsNode*>(current);
        break;
    }
  }
}

double Value::number() const noexcept {
  switch (tag_) {
    case Tag::integer:
      return static_cast<double>(static_cast<std::int64_t>(payload_));
    case Tag::number:
      return std::bit_cast<double>(payload_);
    case Tag::digits:
      return static_cast<DigitsNode*>(node())->nearest;
    default:
      return 0;
  }
}

std::string_view Value::digits() const noexcept {
  return tag_ == Tag::digits ? std::string_view(static_cast<DigitsNode*>(node())->text) : std::string_view{};
}

std::string_view Value::text() const noexcept {
  return tag_ == Tag::string ? std::string_view(static_cast<StringNode*>(node())->text) : std::string_view{};
}

std::span<const Value> Value::items() const noexcept {
  if (tag_ != Tag::array) return {};
  return static_cast<ArrayNode*>(node())->items;
}

std::span<const Member> Value::members() const noexcept {
  if (tag_ != Tag::object) return {};
  return static_cast<ObjectNode*>(node())->members;
}

const Value* Value::find(std::string_view key) const noexcept {
  std::span<const Member> all = members();
  auto found = std::lower_bound(all.begin(), all.end(), key,
                                [](const Member& member, std::string_view wanted) { return member.key() < wanted; });
  return found != all.end() && found->key() == key ? &found->value : nullptr;
}

std::size_t Value::size() const noexcept {
  switch (tag_) {
    case Tag::string:
      return text().size();
    case Tag::array:
      return items().size();
    case Tag::object:
      return members().size();
    default:
      return 0;
  }
}

std::size_t Value::size_bytes() const noexcept {
  constexpr std::size_t word_bytes = 4, double_bytes = 17;  // null and true; most of a double's digits
  switch (tag_) {
    case Tag::null:
    case Tag::boolean:
      return word_bytes;
    case Tag::integer: {
      const std::int64_t number = integer();
      std::uint64_t rest = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
      std::size_t digits = number < 0 ? 2 : 1;
      for (; rest >= 10; rest /= 10) ++digits;
      return digits;
    }
    case Tag::number:
      return double_bytes;
    default:
      return node()->bytes;
  }
}

std::uint32_t Value::depth() const noexcept { return tag_ == Tag::array || tag_ == Tag::object ? node()->depth : 0; }

std::string to_text(const Value& value) {
  std::string text;
  write(value, text);
  return text;
}

}  // namespace pawl::json
