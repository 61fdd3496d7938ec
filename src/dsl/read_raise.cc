// raise, and the errors that it raises.
#include <array>

#include "dsl/names.h"
#include "dsl/tasks.h"
#include "dsl/use.h"

namespace pawl::dsl {
namespace {

void check_error_member(Context& context, const json::Value& error, std::string_view name, const std::string& pointer) {
  const json::Value* value = error.find(name);
  if (value == nullptr) return;
  const std::string place = json::append_pointer(pointer, name);
  if (!expect_string(context, *value, place, "a text")) return;
  const bool is_literal = !expr::braced(value->text());
  if (name == "type" && value->text().empty()) context.problems.error("invalid-value", place, "the type is empty");
  if (name == "instance" && is_literal && !json::parse_pointer(value->text())) {
    context.problems.error("invalid-value", place, "the instance is no JSON pointer", "it begins with /");
  }
}

expr::Template read_named_error(Context& context, std::string_view name, const std::string& pointer, const View& view) {
  if (!check_literal_name(context, name, pointer)) return nothing();
  const json::Value* found = find_reusable(context, context.use.errors, "errors", name, pointer);
  if (found == nullptr) return nothing();
  auto& compiled = context.use.errors_compiled[std::string(name)];
  const std::string key = scope_key(view.site, view.locals);
  if (const auto known = compiled.find(key); known != compiled.end()) return known->second;
  expr::Template error = read_error(context, *found, json::append_pointer("/use/errors", name), view);
  return compiled.emplace(key, std::move(error)).first->second;
}

}  // namespace

expr::Template read_error(Context& context, const json::Value& error, const std::string& pointer, const View& view) {
  static constexpr std::array<std::string_view, 5> known{"type", "status", "title", "detail", "instance"};
  if (!check_members(context, error, pointer, {known})) return nothing();
  require(context, error, pointer, "type");
  for (const std::string_view name : {"type", "title", "detail", "instance"}) {
    check_error_member(context, error, name, pointer);
  }
  if (const json::Value* status = require(context, error, pointer, "status")) {
    const std::string place = json::append_pointer(pointer, "status");
    if (!status->is_integer()) {
      wrong_type(context, *status, place, "a whole number");
    } else if (status->integer() < 100 || status->integer() > 999) {
      context.problems.error("invalid-value", place, "a status has three digits, as in HTTP");
    }
  }
  return read_template(context, error, pointer, view);
}

Work read_raise(Context& context, const Reading& reading) {
  static constexpr std::array<std::string_view, 1> known{"error"};
  const json::Value& raise = *reading.definition.find("raise");
  const std::string pointer = reading.at("raise");
  if (!check_members(context, raise, pointer, {known})) return RaiseTask{nothing()};
  const json::Value* error = require(context, raise, pointer, "error");
  if (error == nullptr) return RaiseTask{nothing()};
  const std::string place = json::append_pointer(pointer, "error");
  if (error->is_string()) return RaiseTask{read_named_error(context, error->text(), place, reading.view(Site::work))};
  if (error->is_object()) return RaiseTask{read_error(context, *error, place, reading.view(Site::work))};
  wrong_type(context, *error, place, "an error or the name of one of use.errors");
  return RaiseTask{nothing()};
}

}  // namespace pawl::dsl
