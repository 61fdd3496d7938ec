#include "dsl/context.h"

#include <algorithm>

#include "base/time.h"
#include "dsl/suggest.h"

namespace pawl::dsl {
namespace {

bool is_in(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string described(const json::Value& value) {
  if (value.is_null()) return "null";
  const std::string_view kind = json::name_of(value.kind());
  return (kind == "array" || kind == "object" ? "an " : "a ") + std::string(kind);
}

// A long or strange name is not repeated in full.
std::string quoted(std::string_view name) { return "\"" + std::string(name.substr(0, 100)) + "\""; }

}  // namespace

expr::Template nothing() {
  static const expr::Template constant = *expr::Template::compile(json::Value(), {});
  return constant;
}

bool check_members(Context& context, const json::Value& value, const std::string& pointer, const Members& members) {
  if (!expect_object(context, value, pointer, "an object")) return false;
  for (const json::Member& member : value.members()) {
    if (is_in(members.known, member.key())) continue;
    const std::string place = json::append_pointer(pointer, member.key());
    if (is_in(members.later, member.key())) {
      unsupported(context, place, member.key());
    } else if (context.problems.has_room()) {
      const std::string_view meant = closest(member.key(), members.known);
      if (!meant.empty() && value.find(meant) == nullptr) context.misspelt.emplace(pointer, meant);
      context.problems.error("unknown-member", place, quoted(member.key()) + " is no member here",
                             did_you_mean(member.key(), members.known), Part::key);
    }
  }
  return true;
}

const json::Value* require(Context& context, const json::Value& value, const std::string& pointer,
                           std::string_view name) {
  const json::Value* member = value.find(name);
  if (member == nullptr && !context.misspelt.contains(std::pair(pointer, std::string(name)))) {
    context.problems.error("missing-member", pointer, quoted(name) + " is missing here");
  }
  return member;
}

bool expect_string(Context& context, const json::Value& value, const std::string& pointer, std::string_view expected) {
  if (value.is_string()) return true;
  const bool scalar = value.is_number() || value.is_boolean();
  wrong_type(context, value, pointer, expected, scalar ? "quote it: \"" + json::to_text(value) + "\"" : "");
  return false;
}

bool expect_object(Context& context, const json::Value& value, const std::string& pointer, std::string_view expected) {
  if (value.is_object()) return true;
  wrong_type(context, value, pointer, expected);
  return false;
}

void wrong_type(Context& context, const json::Value& value, const std::string& pointer, std::string_view expected,
                std::string hint) {
  context.problems.error("invalid-type", pointer, "expected " + std::string(expected) + ", not " + described(value),
                         std::move(hint));
}

void unsupported(Context& context, const std::string& pointer, std::string_view what, Part part) {
  context.problems.error("unsupported", pointer, quoted(what) + " is not supported by this version",
                         "docs/roadmap.md lists what is planned", part);
}

const json::Value* find_reusable(Context& context, const json::Value* parts, std::string_view kind,
                                 std::string_view name, const std::string& pointer) {
  const json::Value* found = parts == nullptr ? nullptr : parts->find(name);
  if (found != nullptr || !context.problems.has_room()) return found;
  std::vector<std::string_view> names;
  if (parts != nullptr) {
    for (const json::Member& member : parts->members()) names.push_back(member.key());
  }
  const bool is_duration = kind == "timeouts" && parse_iso_duration(name);
  context.problems.error("unresolved-name", pointer, "use." + std::string(kind) + " has no " + quoted(name),
                         is_duration
                             ? "text is the name of a timeout here; a duration is {after: " + std::string(name) + "}"
                             : did_you_mean(name, names));
  return nullptr;
}

}  // namespace pawl::dsl
