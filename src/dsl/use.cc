#include "dsl/use.h"

#include <algorithm>
#include <array>

#include "dsl/names.h"
#include "dsl/tasks.h"

namespace pawl::dsl {
namespace {

const json::Value* collect(Context& context, const json::Value& use, std::string_view kind) {
  const json::Value* parts = use.find(kind);
  if (parts == nullptr) return nullptr;
  return expect_object(context, *parts, json::append_pointer("/use", kind), "an object") ? parts : nullptr;
}

// A name that `call` takes for something else could never be called.
bool check_function_name(Context& context, std::string_view name, const std::string& pointer) {
  static constexpr std::array<std::string_view, 6> protocols{"http", "openapi", "asyncapi", "grpc", "a2a", "mcp"};
  if (!check_task_name(context, name, pointer)) return false;
  const bool taken = std::ranges::find(protocols, name) != protocols.end() || name.starts_with("pawl.") ||
                     name.contains('@') || name.contains("://");
  if (taken) {
    context.problems.error("invalid-name", pointer, "call takes this name for something else", "take another name",
                           Part::key);
  }
  return !taken;
}

// Strongly connected components of the calls between functions (Tarjan 1972), without recursion of our own: a chain of
// calls may be as long as the document.
class Components {
 public:
  Components(std::size_t count, const std::vector<FunctionEdge>& edges) : calls_(count), nodes_(count) {
    for (const FunctionEdge& edge : edges) calls_[edge.from].push_back(edge.to);
    for (std::size_t node = 0; node < count; ++node) {
      if (nodes_[node].number == 0) visit(node);
    }
  }

  bool together(std::size_t a, std::size_t b) const { return nodes_[a].component == nodes_[b].component; }
  // Callees before callers.
  std::vector<std::size_t> take_order() { return std::move(order_); }

 private:
  struct Node {
    std::size_t number = 0, lowest = 0;  // 0: not visited yet
    std::size_t component = no_function;
    std::size_t next_call = 0;
  };

  void visit(std::size_t root) {
    std::vector<std::size_t> path{root};
    enter(root);
    while (!path.empty()) {
      const std::size_t node = path.back();
      if (nodes_[node].next_call < calls_[node].size()) {
        const std::size_t callee = calls_[node][nodes_[node].next_call++];
        if (nodes_[callee].number == 0) {
          enter(callee);
          path.push_back(callee);
        } else if (nodes_[callee].component == no_function) {
          nodes_[node].lowest = std::min(nodes_[node].lowest, nodes_[callee].number);
        }
        continue;
      }
      path.pop_back();
      leave(node);
      if (!path.empty()) nodes_[path.back()].lowest = std::min(nodes_[path.back()].lowest, nodes_[node].lowest);
    }
  }

  void enter(std::size_t node) {
    nodes_[node].number = nodes_[node].lowest = ++numbered_;
    open_.push_back(node);
  }

  void leave(std::size_t node) {
    order_.push_back(node);
    if (nodes_[node].lowest != nodes_[node].number) return;
    std::size_t member = no_function;
    do {
      member = open_.back();
      open_.pop_back();
      nodes_[member].component = node;
    } while (member != node);
  }

  std::vector<std::vector<std::size_t>> calls_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> open_, order_;
  std::size_t numbered_ = 0;
};

}  // namespace

void collect_use(Context& context, const json::Value& use) {
  static constexpr std::array<std::string_view, 4> known{"retries", "timeouts", "errors", "functions"};
  static constexpr std::array<std::string_view, 4> later{"authentications", "extensions", "secrets", "catalogs"};
  if (!check_members(context, use, "/use", {known, later})) return;
  context.use.retries = collect(context, use, "retries");
  context.use.timeouts = collect(context, use, "timeouts");
  context.use.errors = collect(context, use, "errors");
  context.use.definitions = collect(context, use, "functions");
  if (context.use.definitions == nullptr) return;
  for (const json::Member& member : context.use.definitions->members()) {
    if (!check_function_name(context, member.key(), json::append_pointer("/use/functions", member.key()))) continue;
    context.use.functions.push_back({std::string(member.key()), add_list(context, no_task)});
  }
}

void read_use(Context& context) {
  for (std::size_t i = 0; i < context.use.functions.size(); ++i) {
    Function& function = context.use.functions[i];
    const Item item{function.name, context.use.definitions->find(function.name),
                    json::append_pointer("/use/functions", function.name)};
    context.function = i;
    function.first = static_cast<TaskIndex>(context.program.tasks.size());
    read_tasks(context, function.list, std::span(&item, 1), Scope{});
    function.end = static_cast<TaskIndex>(context.program.tasks.size());
  }
  context.function = no_function;

  static const std::vector<std::string> error_variable{"error"};
  const View nowhere{Site::before, {}};
  const auto each_unused = [](const json::Value* parts, const auto& used, std::string_view kind, const auto& read) {
    if (parts == nullptr) return;
    const std::string pointer = json::append_pointer("/use", kind);
    for (const json::Member& member : parts->members()) {
      if (!used.contains(std::string(member.key()))) read(member.value, json::append_pointer(pointer, member.key()));
    }
  };
  each_unused(context.use.retries, context.use.retries_compiled, "retries", [&](const auto& value, const auto& place) {
    read_retry(context, value, place, {Site::work, error_variable});
  });
  each_unused(context.use.errors, context.use.errors_compiled, "errors",
              [&](const auto& value, const auto& place) { read_error(context, value, place, {Site::work, {}}); });
  each_unused(context.use.timeouts, context.use.timeouts_compiled, "timeouts",
              [&](const auto& value, const auto& place) {
                if (expect_object(context, value, place, "a timeout")) read_timeout(context, value, place, nowhere);
              });
}

std::vector<std::size_t> check_recursion(Context& context) {
  Components components(context.use.functions.size(), context.use.edges);
  for (const FunctionEdge& edge : context.use.edges) {
    if (!components.together(edge.from, edge.to)) continue;
    context.problems.error("recursive-function", edge.pointer,
                           "the function \"" + context.use.functions[edge.to].name + "\" leads back to itself here",
                           "a loop is written with for, or with then to an earlier task");
  }
  return components.take_order();
}

}  // namespace pawl::dsl
