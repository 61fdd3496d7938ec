// input, output, export and timeout: what every task and the workflow itself may have.
#include <array>

#include "dsl/names.h"
#include "dsl/tasks.h"

namespace pawl::dsl {
namespace {

constexpr std::array<std::string_view, 1> after_member{"after"};

Duration read_timeout_object(Context& context, const json::Value& value, const std::string& pointer, const View& view) {
  if (!check_members(context, value, pointer, {after_member})) return CalendarDuration{};
  const json::Value* after = require(context, value, pointer, "after");
  if (after == nullptr) return CalendarDuration{};
  return read_duration(context, *after, json::append_pointer(pointer, "after"), view);
}

}  // namespace

std::optional<Duration> read_timeout(Context& context, const json::Value& value, const std::string& pointer,
                                     const View& view) {
  if (value.is_object()) return read_timeout_object(context, value, pointer, view);
  if (!expect_string(context, value, pointer, "{after: a duration} or the name of one of use.timeouts"))
    return std::nullopt;
  const std::string_view name = value.text();
  if (!check_literal_name(context, name, pointer)) return std::nullopt;
  const json::Value* found = find_reusable(context, context.use.timeouts, "timeouts", name, pointer);
  if (found == nullptr) return std::nullopt;
  auto& compiled = context.use.timeouts_compiled[std::string(name)];
  const std::string key = scope_key(view.site, view.locals);
  if (const auto known = compiled.find(key); known != compiled.end()) return known->second;
  const std::string place = json::append_pointer("/use/timeouts", name);
  return compiled.emplace(key, read_timeout_object(context, *found, place, view)).first->second;
}

std::optional<Data> read_data_member(Context& context, const json::Value& value, const std::string& pointer,
                                     std::string_view member, const View& view) {
  const std::array<std::string_view, 1> known{member};
  static constexpr std::array<std::string_view, 1> later{"schema"};
  if (!check_members(context, value, pointer, {known, later})) return std::nullopt;
  const json::Value* data = value.find(member);
  if (data == nullptr) return std::nullopt;
  return read_data(context, *data, json::append_pointer(pointer, member), view);
}

}  // namespace pawl::dsl
