// What test, match, capture, scan, split, sub and gsub are made of (library.cc).
#include <string>
#include <vector>

#include "expr/native.h"
#include "expr/operations.h"
#include "expr/regex.h"
#include "expr/text.h"
#include "json/builder.h"

namespace pawl::expr {

using json::Value;

namespace {

// The arguments as jq takes them: a pattern with flags, or an array of both.
struct Request {
  const Regex* regex;
  RegexFlags flags;
};

std::expected<Request, Value> requested(NativeCall& call) {
  if (!call.input.is_string()) return raise(described(call.input) + " cannot be matched, as it is not a string");
  Value pattern = call.arguments[0], letters = call.arguments[1];
  if (pattern.is_array() && letters.is_null()) {
    const Value both = pattern;
    pattern = both.size() > 0 ? both.items()[0] : Value();
    letters = both.size() > 1 ? both.items()[1] : Value();
  }
  if (!pattern.is_string()) return raise(described(pattern) + " cannot be matched, as it is not a string");
  if (!letters.is_null() && !letters.is_string()) return raise(described(letters) + " is not a string");
  const auto flags = parse_regex_flags(letters.text());
  if (!flags) return raise(std::string(letters.text()) + " is not a valid modifier string");
  if (call.input.size() > subject_bytes) return raise("a text of more than 1 MiB cannot be matched");
  constexpr std::uint64_t steps_a_byte = 8;  // to compile it
  call.meter.steps(pattern.size() * steps_a_byte);
  auto regex = call.regexes.get(pattern.text(), *flags, letters.text());
  if (!regex) return raise(regex.error());
  return Request{*regex, *flags};
}

// Byte offsets to code points, forwards only.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) : text_(text) {}
  std::int64_t at(std::size_t byte) {
    if (byte < byte_) byte_ = 0, count_ = 0;
    count_ += static_cast<std::int64_t>(count_code_points(text_.substr(byte_, byte - byte_)));
    byte_ = byte;
    return count_;
  }

 private:
  std::string_view text_;
  std::size_t byte_ = 0;
  std::int64_t count_ = 0;
};

// Calls `each` with the groups of every match (one, unless global) until it returns false.
template <class Each>
void each_match(NativeCall& call, const Request& request, Each each) {
  const std::string_view text = call.input.text();
  const std::uint64_t steps_a_byte = 1 + request.regex->size() / 64;
  std::vector<Regex::Group> groups;
  for (std::size_t from = 0; from <= text.size();) {
    call.meter.steps(1);
    const bool found = request.regex->match(text, from, groups);
    call.meter.steps(((found ? groups[0].end : text.size()) - from) * steps_a_byte);
    if (!found) return;
    const bool is_empty = groups[0].begin == groups[0].end;
    from = groups[0].end;
    if (is_empty) {
      if (from < text.size()) {
        next_code_point(text, from);
      } else {
        ++from;
      }
    }
    if (is_empty && request.flags.skip_empty) continue;
    if (!each(groups) || !request.flags.global) return;
  }
}

Value group_value(Meter& meter, std::string_view text, const Regex::Group& group, CodePoints& points) {
  const std::string_view piece = text.substr(group.begin, group.end - group.begin);
  meter.text(piece.size());
  meter.object(4);
  return Value::object({{"offset", Value::integer(points.at(group.begin))},
                        {"length", Value::integer(static_cast<std::int64_t>(count_code_points(piece)))},
                        {"string", Value::string(piece)}});
}

Value match_value(Meter& meter, std::string_view text, const Regex& regex, const std::vector<Regex::Group>& groups,
                  CodePoints& points) {
  Value whole = group_value(meter, text, groups[0], points);
  const bool is_empty = groups[0].begin == groups[0].end;
  json::ArrayBuilder captures;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    Value capture;
    if (groups[i].begin != std::string_view::npos) {
      CodePoints inner(text);
      capture = group_value(meter, text, groups[i], inner);
    } else if (is_empty) {  // as jq has it
      capture = group_value(meter, text, groups[0], points);
    } else {
      capture = Value::object({{"offset", Value::integer(-1)}, {"length", Value::integer(0)}, {"string", Value()}});
    }
    const std::string& name = regex.names()[i - 1];
    captures.add(json::with_member(std::move(capture), "name", name.empty() ? Value() : Value::string(name)));
  }
  return json::with_member(std::move(whole), "captures", captures.finish());
}

// _match(pattern; flags; only test): all matches, or whether there is one.
Outcome match(NativeCall& call) {
  const auto request = requested(call);
  if (!request) return std::unexpected(request.error());
  const bool only_test = call.arguments[2].boolean();
  bool any = false;
  json::ArrayBuilder matches;
  CodePoints points(call.input.text());
  each_match(call, *request, [&](const std::vector<Regex::Group>& groups) {
    any = true;
    if (only_test) return false;
    call.meter.array(1);
    matches.add(match_value(call.meter, call.input.text(), *request->regex, groups, points));
    return true;
  });
  return only_test ? Value(any) : matches.finish();
}

// _split(pattern; flags)
Outcome split(NativeCall& call) {
  auto request = requested(call);
  if (!request) return std::unexpected(request.error());
  request->flags.global = true;
  const std::string_view text = call.input.text();
  json::ArrayBuilder pieces;
  std::size_t begin = 0;
  auto add = [&](std::size_t end) {
    call.meter.array(1);
    call.meter.text(end - begin);
    pieces.add(Value::string(text.substr(begin, end - begin)));
  };
  each_match(call, *request, [&](const std::vector<Regex::Group>& groups) {
    add(groups[0].begin);
    begin = groups[0].end;
    return true;
  });
  add(text.size());
  return pieces.finish();
}

// The named groups of a match as an object.
Outcome capture(NativeCall& call) {
  json::ObjectBuilder object;
  const Value* captures = call.input.find("captures");
  for (const Value& group : captures == nullptr ? std::span<const Value>() : captures->items()) {
    const Value* name = group.find("name");
    const Value* text = group.find("string");
    if (name == nullptr || text == nullptr || !name->is_string()) continue;
    call.meter.object(1);
    object.add_named(*name, *text);
  }
  return object.finish();
}

Value member_or_null(const Value& object, std::string_view key) {
  const Value* found = object.find(key);
  return found == nullptr ? Value() : *found;
}

// _substitute([[match, [replacements]], …]): the input with each match replaced, once per replacement: the first result
// takes the first replacement of each match, and so on (jq 1.7).
Outcome substitute(NativeCall& call) {
  const std::string_view text = call.input.text();
  std::vector<std::string> results;
  std::size_t begin = 0, points = 0;
  for (const Value& edit : call.arguments[0].items()) {
    if (edit.size() < 2) continue;
    const Value& match = edit.items()[0];
    const auto offset = static_cast<std::size_t>(member_or_null(match, "offset").integer());
    const std::size_t at = begin + byte_of_code_point(text.substr(begin), offset - points);
    const Value matched = member_or_null(match, "string");
    const auto replacements = edit.items()[1].items();
    if (results.size() < replacements.size()) results.resize(replacements.size());
    for (std::size_t i = 0; i < replacements.size(); ++i) {
      if (!replacements[i].is_string()) {
        return raise(described(Value::string(results[i])) + " and " + described(replacements[i]) + " cannot be added");
      }
      results[i].append(text.substr(begin, at - begin)).append(replacements[i].text());
      call.meter.text(at - begin + replacements[i].size());
      if (results[i].size() > call.meter.budget().string_bytes) call.meter.text(results[i].size());
    }
    points = offset + static_cast<std::size_t>(member_or_null(match, "length").integer());
    begin = at + matched.size();
  }
  if (results.empty()) return Value::array({call.input});
  json::ArrayBuilder finished;
  for (const std::string& result : results) {
    call.meter.text(result.size() + text.size() - begin);
    finished.add(Value::string(result + std::string(text.substr(begin))));
  }
  return finished.finish();
}

constexpr Native list[] = {
    {"_match", 3, match}, {"_split", 2, split}, {"_capture", 0, capture}, {"_substitute", 1, substitute}};

}  // namespace

std::span<const Native> regex_natives() { return list; }

}  // namespace pawl::expr
