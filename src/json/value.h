// A JSON value: immutable, shared, 16 bytes. Every payload, template result and event of the engine is one.
//
// Numbers are 64-bit integers, exact, or doubles (rule J3); a number whose digits a double would lose keeps its text.
// Members of an object are sorted by key, in code point order, which is the byte order of UTF-8 (rule J4), so that a
// value has one canonical form. Copying counts a reference (atomically: values go from thread to thread), moving never
// throws. Views (`text`, `items`, `members`, pointers of `find`) stay good as long as any copy of the value does.
//
// Comparison and output call themselves per level: whoever builds values from outside limits their depth first
// (json::Limits for texts, the budget for expressions).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pawl::json {

// In jq's order of kinds but for the two kinds of numbers and of booleans (Value::compare knows).
enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

// The word that jq's `type` gives: null, boolean, number, string, array, object.
std::string_view name_of(Kind kind);

struct Member;
class ArrayBuilder;
class ObjectBuilder;

namespace detail {
struct Node;
struct StringNode;
struct ArrayNode;
struct ObjectNode;
struct DigitsNode;
}  // namespace detail

class Value {
 public:
  using Kind = json::Kind;

  Value() noexcept = default;  // null
  Value(std::nullptr_t) noexcept {}
  template <class B>
    requires std::is_same_v<B, bool>
  Value(B truth) noexcept : tag_(Tag::boolean), payload_(truth ? 1 : 0) {}
  Value(const char* text) : Value(string(text)) {}
  Value(std::string_view text) : Value(string(text)) {}
  Value(const std::string& text) : Value(string(text)) {}

  static Value integer(std::int64_t number) noexcept;
  // A double; a whole one below 1e17, which J3 prints without exponent, becomes an integer, -0 included.
  static Value number(double number) noexcept;
  static Value string(std::string_view text);  // must be UTF-8; not checked here
  static Value array(std::vector<Value> items = {});
  static Value object(std::initializer_list<std::pair<std::string_view, Value>> members);
  static Value object();
  static Value object(std::vector<Member> members);  // any order; the last of equal keys wins
  // A number that keeps its digits: `text` is a JSON number in canonical form (number.h), `nearest` its double.
  static Value digits(double nearest, std::string_view text);
  // A double as it is: not made an integer, may be NaN or infinite, as programs compute with them. Never leaves
  // `expr/`.
  static Value raw_number(double number) noexcept;

  Value(const Value& other) noexcept : tag_(other.tag_), payload_(other.payload_) {
    if (on_heap()) retain();
  }
  Value(Value&& other) noexcept
      : tag_(std::exchange(other.tag_, Tag::null)), payload_(std::exchange(other.payload_, 0)) {}
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~Value() {
    if (on_heap()) release();
  }
  void swap(Value& other) noexcept {
    std::swap(tag_, other.tag_);
    std::swap(payload_, other.payload_);
  }

  Kind kind() const noexcept { return tag_ == Tag::digits ? Kind::number : static_cast<Kind>(tag_); }
  bool is_null() const noexcept { return tag_ == Tag::null; }
  bool is_boolean() const noexcept { return tag_ == Tag::boolean; }
  bool is_integer() const noexcept { return tag_ == Tag::integer; }
  bool is_number() const noexcept { return tag_ == Tag::integer || tag_ == Tag::number || tag_ == Tag::digits; }
  bool is_string() const noexcept { return tag_ == Tag::string; }
  bool is_array() const noexcept { return tag_ == Tag::array; }
  bool is_object() const noexcept { return tag_ == Tag::object; }
  bool is_truthy() const noexcept { return tag_ != Tag::null && (tag_ != Tag::boolean || payload_ != 0); }

  // The accessors below give a neutral value for another kind: false, 0, empty.
  bool boolean() const noexcept { return tag_ == Tag::boolean && payload_ != 0; }
  std::int64_t integer() const noexcept { return tag_ == Tag::integer ? static_cast<std::int64_t>(payload_) : 0; }
  double number() const noexcept;                          // of any number; the nearest double
  std::string_view digits() const noexcept;                // the kept text of a number, else empty
  std::string_view text() const noexcept;                  // of a string
  std::span<const Value> items() const noexcept;           // of an array
  std::span<const Member> members() const noexcept;        // of an object, sorted by key
  const Value* find(std::string_view key) const noexcept;  // of an object's member; null when there is none

  // Bytes of text, items of an array, members of an object; 0 for the rest.
  std::size_t size() const noexcept;
  // The size of the compact text, nearly (escapes are not counted, doubles as 17 digits), for limits of size. Parts
  // that are shared count each time. O(1), kept as the value is made.
  std::size_t size_bytes() const noexcept;
  // Levels of arrays and objects: 0 for a scalar, 1 for []. O(1); may be too high, by less than 64, for a value made by
  // removing parts of a deeper one.
  std::uint32_t depth() const noexcept;

  // jq's order: null < false < true < numbers < strings < arrays < objects (objects by their sorted keys first, then
  // value by value). Two integers and two numbers with kept digits compare exactly, else doubles; NaN is below every
  // number.
  static std::strong_ordering compare(const Value& a, const Value& b) noexcept;
  friend bool operator==(const Value& a, const Value& b) noexcept { return equal(a, b); }
  // Whether somebody else holds the heap part, so that changing it means copying it. False for scalars but strings.
  bool is_shared() const noexcept { return on_heap() && !is_unique(); }
  // The same object in memory, or the same scalar: decides in O(1).
  static bool identical(const Value& a, const Value& b) noexcept {
    return a.tag_ == b.tag_ && a.payload_ == b.payload_;
  }

 private:
  friend class ArrayBuilder;
  friend class ObjectBuilder;
  friend struct Edit;
  enum class Tag : std::uint8_t { null, boolean, integer, number, string, array, object, digits };

  Value(Tag tag, detail::Node* node) noexcept;
  bool on_heap() const noexcept { return tag_ >= Tag::string; }
  detail::Node* node() const noexcept;
  bool is_unique() const noexcept;
  void retain() const noexcept;
  void release() noexcept;
  static void destroy(Tag tag, detail::Node* node) noexcept;
  static bool equal(const Value& a, const Value& b) noexcept;

  Tag tag_ = Tag::null;
  std::uint64_t payload_ = 0;  // the integer, the double's bits or the node's address
};

static_assert(sizeof(Value) == 16);

struct Member {
  Value name;  // a string
  Value value;
  std::string_view key() const noexcept { return name.text(); }
};

// Copy on write: each takes its container by value and changes it in place when nobody else holds it, so that a loop
// which builds a container by moving it through these is linear.
Value with_item(Value array, Value item);                            // appended
Value with_item(Value array, std::size_t index, Value item);         // replaced; index < size
Value with_items(Value array, std::span<const Value> items);         // appended
Value with_member(Value object, std::string_view key, Value value);  // added or replaced
Value with_named_member(Value object, Value name, Value value);      // the same, with a string value as its name
Value without_member(Value object, std::string_view key);
Value with_text(Value string, std::string_view text);  // appended
// Takes an item or member out to be changed and put back: leaves null in its place, so that the part is not shared by
// its container meanwhile. The container must have it.
Value take_item(Value& array, std::size_t index);
Value take_member(Value& object, std::string_view key);

// The compact text (write.h) as a new string.
std::string to_text(const Value& value);

}  // namespace pawl::json
