// call: what its name means, in the order of the rule "call", and the arguments.
#include <algorithm>
#include <array>

#include "base/limits.h"
#include "dsl/http_arguments.h"
#include "dsl/names.h"
#include "dsl/suggest.h"
#include "dsl/tasks.h"

namespace pawl::dsl {
namespace {

constexpr std::array<std::string_view, 5> planned_protocols{"asyncapi", "grpc", "openapi", "a2a", "mcp"};
constexpr std::array<std::string_view, 3> planned_additions{"pawl.each", "pawl.inquiry", "pawl.until"};

Work refused() { return SetTask{nothing()}; }

bool is_in(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// `with`, which is `{}` when absent.
expr::Template read_arguments(Context& context, const Reading& reading) {
  static const expr::Template none = *expr::Template::compile(json::Value::object(), {});
  const json::Value* with = reading.definition.find("with");
  if (with == nullptr) return none;
  if (!expect_object(context, *with, reading.at("with"), "an object")) return none;
  return read_template(context, *with, reading.at("with"), reading.view(Site::work));
}

// pack.action:1.2.0@default, split at the last @, then at the last colon.
Work read_pinned(Context& context, const Reading& reading, std::string_view call) {
  const std::string pointer = reading.at("call");
  const std::string_view catalog = call.substr(call.rfind('@') + 1);
  std::string_view name = call.substr(0, call.rfind('@'));
  const std::size_t colon = name.rfind(':');
  const std::string_view version = colon == name.npos ? std::string_view() : name.substr(colon + 1);
  name = name.substr(0, colon);
  if (catalog != "default" || name.starts_with("pawl.") || !name.contains('.')) {
    unsupported(context, pointer, "a function of a catalog", Part::value);
    return refused();
  }
  if (!is_action_name(name)) {
    context.problems.error("invalid-name", pointer, "this is no name of an action",
                           "for example pack.action:1.2.0@default");
    return refused();
  }
  if (!is_semantic_version(version)) {
    context.problems.error("invalid-version", pointer, "a pinned action needs an exact version",
                           "for example " + std::string(name) + ":1.2.0@default");
    return refused();
  }
  return ActionCall{std::string(name), std::string(version), read_arguments(context, reading)};
}

Work read_function(Context& context, const Reading& reading, std::size_t function) {
  if (context.function != no_function) {
    context.use.edges.push_back({context.function, function, reading.at("call")});
  }
  return FunctionCall{context.use.functions[function].list, read_arguments(context, reading)};
}

Work read_action(Context& context, const Reading& reading, std::string_view name) {
  const std::string pointer = reading.at("call");
  if (name.starts_with("pawl.")) {
    if (is_in(planned_additions, name)) {
      unsupported(context, pointer, name, Part::value);
    } else {
      context.problems.error("unknown-function", pointer, "names that begin with pawl. are the server's own",
                             did_you_mean(name, planned_additions));
    }
    return refused();
  }
  if (!is_action_name(name)) {
    context.problems.error("invalid-name", pointer, "this is no name of an action",
                           name.contains(':')
                               ? "a version is pinned as pack.action:1.2.0@default"
                               : "an action is named pack.action: letters, digits, _ and - around the dot");
    return refused();
  }
  return ActionCall{std::string(name), "", read_arguments(context, reading)};
}

Work refuse_unknown(Context& context, const Reading& reading, std::string_view name) {
  if (!context.problems.has_room()) return refused();
  std::vector<std::string_view> candidates{"http"};
  for (const Function& function : context.use.functions) candidates.push_back(function.name);
  std::string hint = did_you_mean(name, candidates);
  if (hint.empty()) hint = "an action for a worker has a dot in its name: pack.action";
  context.problems.error("unknown-function", reading.at("call"),
                         "use.functions has no \"" + std::string(name.substr(0, limits::name_bytes)) + "\"",
                         std::move(hint));
  return refused();
}

}  // namespace

Work read_call(Context& context, const Reading& reading) {
  const json::Value& value = *reading.definition.find("call");
  const std::string pointer = reading.at("call");
  if (!expect_string(context, value, pointer, "what to call")) return refused();
  const std::string_view name = value.text();
  if (!check_literal_name(context, name, pointer)) return refused();
  if (name == "http") {
    auto call = read_http(context, reading);
    return call ? Work(std::move(*call)) : refused();
  }
  if (is_in(planned_protocols, name)) {
    unsupported(context, pointer, "call: " + std::string(name), Part::value);
    return refused();
  }
  if (name.contains("://")) {
    unsupported(context, pointer, "a function by URL", Part::value);
    return refused();
  }
  if (name.contains('@')) return read_pinned(context, reading, name);
  const auto& functions = context.use.functions;
  const auto found = std::ranges::lower_bound(functions, name, {}, &Function::name);
  if (found != functions.end() && found->name == name) {
    return read_function(context, reading, static_cast<std::size_t>(found - functions.begin()));
  }
  if (name.contains('.')) return read_action(context, reading, name);
  return refuse_unknown(context, reading, name);
}

}  // namespace pawl::dsl
