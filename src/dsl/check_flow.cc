#include "dsl/check_flow.h"

#include <variant>

namespace pawl::dsl {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

// What a task does, itself or inside.
struct Facts {
  bool waits = false, exports = false;

  void add(const Facts& other) {
    waits = waits || other.waits;
    exports = exports || other.exports;
  }
};

// A way out of a task: where it leads, and the place of the directive.
struct Exit {
  Then then;
  std::string pointer;
};

class FlowCheck {
 public:
  explicit FlowCheck(Context& context) : context_(context), program_(context.program), facts_(program_.tasks.size()) {}

  void run(std::span<const std::size_t> functions) {
    for (const std::size_t function : functions) {
      const Function& read = context_.use.functions[function];
      gather(read.first, read.end);
    }
    const auto& all = context_.use.functions;
    gather(0, static_cast<TaskIndex>(all.empty() ? program_.tasks.size() : all.front().first));
    for (const List& list : program_.lists) check_list(list);
    for (const Task& task : program_.tasks) check_fork(task);
  }

 private:
  // A task inside another has the higher index, and a called function has been gathered before.
  void gather(TaskIndex first, TaskIndex end) {
    for (TaskIndex index = end; index-- > first;) {
      const Task& task = program_.tasks[index];
      Facts facts{std::holds_alternative<WaitTask>(task.work), task.export_as.has_value()};
      for (const ListIndex list : lists_of(task)) facts.add(facts_of(list));
      facts_[index] = facts;
    }
  }

  Facts facts_of(ListIndex list) const {
    Facts facts;
    for (const TaskIndex task : program_.lists[list].tasks) facts.add(facts_[task]);
    return facts;
  }

  static std::vector<ListIndex> lists_of(const Task& task) {
    return std::visit(Overloaded{
                          [](const DoTask& work) { return std::vector{work.list}; },
                          [](const ForTask& work) { return std::vector{work.list}; },
                          [](const ForkTask& work) { return work.branches; },
                          [](const TryTask& work) {
                            std::vector lists{work.list};
                            if (work.catch_list) lists.push_back(*work.catch_list);
                            return lists;
                          },
                          [](const FunctionCall& work) { return std::vector{work.list}; },
                          [](const auto&) { return std::vector<ListIndex>(); },
                      },
                      task.work);
  }

  // Every way on after the task. A raise has none but to be skipped.
  static std::vector<Exit> exits_of(const Task& task) {
    std::vector<Exit> exits;
    if (task.condition) exits.push_back({Then{}, ""});
    bool own = !std::holds_alternative<RaiseTask>(task.work);
    if (const auto* work = std::get_if<SwitchTask>(&task.work)) {
      for (std::size_t i = 0; i < work->cases.size(); ++i) {
        const std::string place =
            json::append_pointer(json::append_pointer(task.reference + "/switch", i), work->cases[i].name);
        exits.push_back({work->cases[i].then, place + "/then"});
        if (!work->cases[i].when) own = false;
      }
    }
    if (const auto* work = std::get_if<TryTask>(&task.work); work != nullptr && work->catch_then) {
      exits.push_back({*work->catch_then, task.reference + "/catch/then"});
    }
    if (own) exits.push_back({task.then, task.reference + "/then"});
    return exits;
  }

  void check_list(const List& list) {
    const std::size_t count = list.tasks.size();
    std::vector<std::size_t> waits_before(count + 1, 0);  // how many of the first i tasks wait
    std::vector<std::vector<std::size_t>> next(count);
    for (std::size_t i = 0; i < count; ++i)
      waits_before[i + 1] = waits_before[i] + (facts_[list.tasks[i]].waits ? 1 : 0);
    for (std::size_t i = 0; i < count; ++i) {
      for (const Exit& exit : exits_of(program_.tasks[list.tasks[i]])) {
        if (exit.then.kind == Then::Kind::proceed && i + 1 < count) next[i].push_back(i + 1);
        if (exit.then.kind != Then::Kind::task) continue;
        const std::size_t target = program_.tasks[exit.then.task].position;
        next[i].push_back(target);
        if (target <= i && waits_before[i + 1] == waits_before[target]) warn_busy_loop(exit, target, i);
      }
    }
    warn_unreachable(list, next);
  }

  void warn_busy_loop(const Exit& exit, std::size_t target, std::size_t from) {
    context_.problems.warning("loop-without-wait", exit.pointer,
                              target == from ? "this leads back to the task itself, without a wait"
                                             : "this leads back to an earlier task, and no task between waits",
                              "put a wait into the loop, or it may run as fast as it can");
  }

  void warn_unreachable(const List& list, const std::vector<std::vector<std::size_t>>& next) {
    if (next.empty()) return;
    std::vector<bool> reached(next.size(), false);
    std::vector<std::size_t> open{0};
    reached[0] = true;
    while (!open.empty()) {
      const std::size_t task = open.back();
      open.pop_back();
      for (const std::size_t successor : next[task]) {
        if (reached[successor]) continue;
        reached[successor] = true;
        open.push_back(successor);
      }
    }
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (reached[i]) continue;
      context_.problems.warning("unreachable-task", program_.tasks[list.tasks[i]].reference,
                                "no way leads to this task", "", Part::key);
    }
  }

  void check_fork(const Task& task) {
    const auto* fork = std::get_if<ForkTask>(&task.work);
    if (fork == nullptr) return;
    std::size_t exporting = 0;
    for (const ListIndex branch : fork->branches) exporting += facts_of(branch).exports ? 1 : 0;
    if (exporting < 2) return;
    context_.problems.warning("fork-export-conflict", task.reference + "/fork/branches",
                              "more than one branch exports: at the join the later one's members win",
                              "let each export members of its own");
  }

  Context& context_;
  const Program& program_;
  std::vector<Facts> facts_;
};

}  // namespace

void check_flow(Context& context, std::span<const std::size_t> functions) { FlowCheck(context).run(functions); }

}  // namespace pawl::dsl
