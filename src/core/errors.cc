#include "core/errors.h"

#include <array>
#include <optional>

#include "json/builder.h"

namespace pawl::core {
namespace {

struct Standard {
  StandardError type;
  std::string_view name, title;
};

constexpr std::array<Standard, 8> standards{{
    {StandardError::configuration, "configuration", "Configuration error"},
    {StandardError::validation, "validation", "Validation error"},
    {StandardError::expression, "expression", "Expression error"},
    {StandardError::authentication, "authentication", "Authentication error"},
    {StandardError::authorization, "authorization", "Authorization error"},
    {StandardError::timeout, "timeout", "Timeout"},
    {StandardError::communication, "communication", "Communication error"},
    {StandardError::runtime, "runtime", "Runtime error"},
}};

constexpr std::string_view our_prefix = "https://open-workflow-specification.org/spec/1.0.0/errors/";

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The standard type that a URI names, under any host and path the specification has had.
std::optional<StandardError> standard_of(std::string_view uri) {
  if (!take(uri, "https://") && !take(uri, "http://")) return std::nullopt;
  if (!take(uri, "open-workflow-specification.org") && !take(uri, "serverlessworkflow.io")) return std::nullopt;
  if (take(uri, "/spec/")) {
    const std::size_t slash = uri.find('/');
    if (slash == std::string_view::npos || slash == 0) return std::nullopt;
    uri.remove_prefix(slash);
    if (!take(uri, "/errors/")) return std::nullopt;
  } else if (!take(uri, "/dsl/errors/types/")) {
    return std::nullopt;
  }
  for (const Standard& standard : standards) {
    if (standard.name == uri) return standard.type;
  }
  return std::nullopt;
}

bool same_type(const json::Value& a, const json::Value& b) {
  if (a == b) return true;
  if (!a.is_string() || !b.is_string()) return false;
  const auto first = standard_of(a.text());
  return first && first == standard_of(b.text());
}

}  // namespace

json::Value make_error(StandardError type, int status, std::string_view detail, std::string_view instance) {
  const Standard& standard = standards[static_cast<std::size_t>(type)];
  json::ObjectBuilder error(5);
  error.add("type", std::string(our_prefix).append(standard.name));
  error.add("status", json::Value::integer(status));
  error.add("title", standard.title);
  if (!detail.empty()) error.add("detail", detail);
  error.add("instance", instance);
  return error.finish();
}

json::Value error_of(const Problem& problem, std::string_view instance) {
  std::string detail = problem.detail.empty() ? problem.title : problem.detail;
  if (problem.code == "expression-budget") detail += " (limit: " + problem.instance + ")";
  const bool ours = problem.code == "runtime";
  return make_error(ours ? StandardError::runtime : StandardError::expression, problem.status, detail, instance);
}

json::Value complete_error(const json::Value& given, std::string_view instance) {
  json::Value error = given.is_object() ? given : json::Value::object();
  const auto fill = [&](std::string_view key, json::Value value) {
    const json::Value* has = error.find(key);
    if (has == nullptr || has->is_null()) error = json::with_member(std::move(error), key, std::move(value));
  };
  fill("type", std::string(our_prefix) + "runtime");
  fill("status", json::Value::integer(500));
  fill("title", "Runtime error");
  fill("instance", instance);
  return error;
}

bool matches(const json::Value& errors_with, const json::Value& error) {
  if (errors_with.is_null()) return true;
  for (const json::Member& wanted : errors_with.members()) {
    const json::Value* has = error.find(wanted.key());
    if (has == nullptr) return false;
    const bool same = wanted.key() == "type" ? same_type(wanted.value, *has) : wanted.value == *has;
    if (!same) return false;
  }
  return true;
}

}  // namespace pawl::core
