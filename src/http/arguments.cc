#include "http/arguments.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "dsl/suggest.h"
#include "json/parse.h"
#include "json/pointer.h"

namespace pawl::http {

namespace {

Problem bad_request(std::string code, std::string title, std::string detail, std::string_view instance,
                    std::string hint = {}) {
  return {.status = 400,
          .code = std::move(code),
          .title = std::move(title),
          .detail = std::move(detail),
          .instance = std::string(instance),
          .hint = std::move(hint)};
}

std::string known_names(std::span<const std::string_view> known) {
  std::string text;
  for (const std::string_view name : known) (text += text.empty() ? "" : ", ") += name;
  return text.empty() ? "none is known here" : "known are: " + text;
}

std::string hint_for(std::string_view written, std::span<const std::string_view> known) {
  const std::string near = dsl::did_you_mean(written, known);
  return near.empty() ? known_names(known) : near;
}

Problem bad_parameter(std::string_view name, std::string detail) {
  return bad_request("parameter-invalid", "A query parameter cannot be read", std::move(detail), name);
}

Problem bad_member(std::string_view pointer, std::string detail) {
  return bad_request("member-invalid", "A member of the body is not what it should be", std::move(detail), pointer);
}

bool is_json(std::string_view content_type) {
  const std::string_view media = content_type.substr(0, content_type.find_first_of("; \t"));
  if (equal_without_case(media, "application/json")) return true;
  return media.size() > 5 && equal_without_case(media.substr(media.size() - 5), "+json");
}

const json::Value* member(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

}  // namespace

Problem limit_exceeded(std::string_view limit_name, std::size_t most, std::string_view unit) {
  return {.status = 413,
          .code = "limit-exceeded",
          .title = "A limit is exceeded",
          .detail = std::string(limit_name) + ": at most " + std::to_string(most) + " " + std::string(unit),
          .instance = std::string(limit_name),
          .hint = {}};
}

Result<void> only_parameters(const Request& request, Names known) {
  for (std::size_t i = 0; i < request.query.size(); ++i) {
    const std::string& name = request.query[i].first;
    if (std::ranges::find(known, name) == known.end()) {
      return fail(bad_request("unknown-parameter", "A query parameter is not known", {}, name, hint_for(name, known)));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (request.query[j].first == name) {
        return fail(bad_request("duplicate-parameter", "A query parameter is given twice", {}, name));
      }
    }
  }
  return {};
}

Result<std::optional<Microseconds>> duration_parameter(const Request& request, std::string_view name,
                                                       Microseconds longest) {
  const auto text = request.parameter(name);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration) return fail(bad_parameter(name, "a duration such as 30s, 5m or PT30S is expected"));
  return std::min(*duration, longest);
}

Result<std::optional<Time>> time_parameter(const Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::nullopt;
  const auto time = parse_time(*text);
  if (!time) return fail(bad_parameter(name, "a time such as 2026-11-21T15:14:00Z (RFC 3339) is expected"));
  return time;
}

Result<std::size_t> limit_parameter(const Request& request) {
  const auto text = request.parameter("limit");
  if (!text) return limits::page_items_default;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size() || limit < 1 || limit > limits::page_items) {
    return fail(bad_parameter("limit", "a number from 1 to " + std::to_string(limits::page_items) + " is expected"));
  }
  return limit;
}

Result<json::Value> object_body(const Request& request, std::size_t bytes, std::string_view limit_name, Names known) {
  // A client that names no type most likely means JSON, the only thing that is taken here.
  if (const auto type = request.headers.find("Content-Type"); type && !is_json(*type)) {
    return fail({.status = 415,
                 .code = "media-type",
                 .title = "The body's media type is not taken here",
                 .detail = "it is " + std::string(*type),
                 .instance = {},
                 .hint = "send Content-Type: application/json"});
  }
  if (request.body.empty()) return fail(bad_request("body-missing", "A JSON object is expected as body", {}, {}));
  if (request.body.size() > bytes) return fail(limit_exceeded(limit_name, bytes, "bytes"));
  json::Limits json_limits{.bytes = bytes};
  json_limits.nodes = std::max(json_limits.nodes, static_cast<std::uint32_t>(bytes / 8));  // batches are large
  auto body = json::parse(request.body, json_limits);
  if (!body) return body;
  if (auto known_only = only_members(*body, "", known); !known_only) return std::unexpected(known_only.error());
  return body;
}

Result<void> only_members(const json::Value& object, std::string_view pointer, Names known) {
  if (!object.is_object()) return fail(bad_member(pointer, "an object is expected"));
  for (const json::Member& each : object.members()) {
    if (std::ranges::find(known, each.key()) != known.end()) continue;
    return fail(bad_request("unknown-member", "A member of the body is not known", {},
                            json::append_pointer(pointer, each.key()), hint_for(each.key(), known)));
  }
  return {};
}

Result<std::string> required_text(const json::Value& object, std::string_view pointer, std::string_view name,
                                  std::size_t most_bytes) {
  auto text = optional_text(object, pointer, name, most_bytes);
  if (text && text->empty()) {
    return fail(
        bad_request("member-missing", "A member of the body is missing", {}, json::append_pointer(pointer, name)));
  }
  return text;
}

Result<std::string> optional_text(const json::Value& object, std::string_view pointer, std::string_view name,
                                  std::size_t most_bytes) {
  const json::Value* value = member(object, name);
  if (value == nullptr) return std::string();
  const std::string place = json::append_pointer(pointer, name);
  if (!value->is_string() || value->text().empty())
    return fail(bad_member(place, "a text that is not empty is expected"));
  if (value->text().size() > most_bytes) return fail(limit_exceeded(place, most_bytes, "bytes"));
  return std::string(value->text());
}

Result<std::optional<std::int64_t>> optional_integer(const json::Value& object, std::string_view pointer,
                                                     std::string_view name, std::int64_t least, std::int64_t most) {
  const json::Value* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_integer() || value->integer() < least || value->integer() > most) {
    return fail(bad_member(json::append_pointer(pointer, name), "a whole number from " + std::to_string(least) +
                                                                    " to " + std::to_string(most) + " is expected"));
  }
  return value->integer();
}

Result<std::span<const json::Value>> required_array(const json::Value& object, std::string_view pointer,
                                                    std::string_view name, std::size_t most_items) {
  const json::Value* value = member(object, name);
  const std::string place = json::append_pointer(pointer, name);
  if (value == nullptr) return fail(bad_request("member-missing", "A member of the body is missing", {}, place));
  if (!value->is_array()) return fail(bad_member(place, "an array is expected"));
  if (value->size() > most_items) return fail(limit_exceeded(place, most_items, "items"));
  return value->items();
}

}  // namespace pawl::http
