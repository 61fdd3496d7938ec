// Copy on write: containers that nobody else holds are changed in place.
#include <algorithm>

#include "json/node.h"
#include "json/value.h"

namespace pawl::json {

using detail::add_saturating;
using detail::ArrayNode;
using detail::item_bytes;
using detail::name_bytes;
using detail::ObjectNode;
using detail::StringNode;
using detail::subtract_saturating;

// The one door to the inside of values.
struct Edit {
  // The depth of a container that lost its deepest part is found anew only beyond this, or removing would cost a look
  // at every part each time.
  static constexpr std::uint32_t depth_slack = 64;

  static ArrayNode& array(Value& value) {
    if (!value.is_unique()) value = Value::array({value.items().begin(), value.items().end()});
    return static_cast<ArrayNode&>(*value.node());
  }

  static ObjectNode& object(Value& value) {
    if (!value.is_unique()) value = Value::object(std::vector<Member>{value.members().begin(), value.members().end()});
    return static_cast<ObjectNode&>(*value.node());
  }

  static StringNode& string(Value& value) {
    if (!value.is_unique()) {
      const Value old = std::move(value);
      value = Value::string(old.text());
    }
    return static_cast<StringNode&>(*value.node());
  }

  static void added(detail::Node& node, const Value& part) {
    node.bytes = add_saturating(node.bytes, item_bytes(part));
    node.depth = std::max(node.depth, part.depth() + 1);
  }

  template <class Parts, class Part>
  static void removed(detail::Node& node, const Parts& parts, const Value& part, Part value_of) {
    node.bytes = subtract_saturating(node.bytes, item_bytes(part));
    if (node.depth <= depth_slack || part.depth() + 1 < node.depth) return;
    node.depth = 1;
    for (const auto& other : parts) node.depth = std::max(node.depth, value_of(other).depth() + 1);
  }

  static Value take(ArrayNode& node, std::size_t index) {
    Value taken = std::move(node.items[index]);
    removed(node, node.items, taken, [](const Value& item) -> const Value& { return item; });
    node.bytes = add_saturating(node.bytes, item_bytes(Value()));
    return taken;
  }

  static Value take(ObjectNode& node, std::size_t index) {
    Value taken = std::move(node.members[index].value);
    removed(node, node.members, taken, [](const Member& member) -> const Value& { return member.value; });
    node.bytes = add_saturating(node.bytes, item_bytes(Value()));
    return taken;
  }

  static void put(detail::Node& node, Value& place, Value value) {
    node.bytes = subtract_saturating(node.bytes, item_bytes(Value()));  // the null that `take` left
    added(node, value);
    place = std::move(value);
  }
};

namespace {

std::vector<Member>::iterator place_of(ObjectNode& node, std::string_view key) {
  return std::lower_bound(node.members.begin(), node.members.end(), key,
                          [](const Member& member, std::string_view wanted) { return member.key() < wanted; });
}

}  // namespace

Value with_item(Value array, Value item) {
  ArrayNode& node = Edit::array(array);
  Edit::added(node, item);
  node.items.push_back(std::move(item));
  return array;
}

Value with_item(Value array, std::size_t index, Value item) {
  ArrayNode& node = Edit::array(array);
  Edit::take(node, index);
  Edit::put(node, node.items[index], std::move(item));
  return array;
}

Value with_items(Value array, std::span<const Value> items) {
  if (items.empty()) return array;
  if (items.data() == array.items().data()) {  // inserting a vector's own items into it is undefined
    const std::vector<Value> copy(items.begin(), items.end());
    return with_items(std::move(array), copy);
  }
  ArrayNode& node = Edit::array(array);
  for (const Value& item : items) Edit::added(node, item);
  node.items.insert(node.items.end(), items.begin(), items.end());
  return array;
}

Value with_named_member(Value object, Value name, Value value) {
  ObjectNode& node = Edit::object(object);
  auto place = place_of(node, name.text());
  if (place != node.members.end() && place->key() == name.text()) {
    Edit::take(node, static_cast<std::size_t>(place - node.members.begin()));
    Edit::put(node, place->value, std::move(value));
    return object;
  }
  node.bytes = add_saturating(node.bytes, name_bytes(name));
  Edit::added(node, value);
  node.members.insert(place, Member{std::move(name), std::move(value)});
  return object;
}

Value with_member(Value object, std::string_view key, Value value) {
  return with_named_member(std::move(object), Value::string(key), std::move(value));
}

Value without_member(Value object, std::string_view key) {
  if (object.find(key) == nullptr) return object;
  ObjectNode& node = Edit::object(object);
  auto place = place_of(node, key);
  Edit::take(node, static_cast<std::size_t>(place - node.members.begin()));
  node.bytes = subtract_saturating(node.bytes, item_bytes(Value()) + name_bytes(place->name));
  node.members.erase(place);
  return object;
}

Value with_text(Value string, std::string_view text) {
  StringNode& node = Edit::string(string);
  node.text.append(text);
  node.bytes = add_saturating(node.bytes, text.size());
  return string;
}

Value take_item(Value& array, std::size_t index) { return Edit::take(Edit::array(array), index); }

Value take_member(Value& object, std::string_view key) {
  ObjectNode& node = Edit::object(object);
  return Edit::take(node, static_cast<std::size_t>(place_of(node, key) - node.members.begin()));
}

}  // namespace pawl::json
