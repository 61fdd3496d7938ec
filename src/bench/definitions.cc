#include "bench/served.h"

namespace pawl::bench {
namespace {

std::string document(std::string_view name) {
  return "document: { dsl: 1.0.0, namespace: bench, name: " + std::string(name) + ", version: 2.0.0 }\ndo:\n";
}

std::string n_is(std::uint64_t n) { return R"({"n":)" + std::to_string(n) + "}"; }

// What a task of a worker gets: a number, and which run it belongs to.
std::string work(const std::string& n) {
  return "{ call: bench.work, with: { n: \"${ " + n + " }\", run: \"${ $workflow.input.n }\" } }";
}

std::string start() { return document("start") + "  - only: { set: { ok: true } }\n"; }

std::string chain_10() {
  std::string text = document("chain-10");
  for (int i = 0; i < 10; ++i) text += "  - add" + std::to_string(i) + ": { set: { n: \"${ .n + 1 }\" } }\n";
  return text;
}

std::string task_1() { return document("task-1") + "  - work: " + work(".n") + "\n"; }

std::string task_10() {
  std::string text = document("task-10");
  for (int i = 0; i < 10; ++i) text += "  - work" + std::to_string(i) + ": " + work(".n") + "\n";
  return text;
}

// Branch i gives 100 n + i + 1, so that the sum of all tells whether each came once.
std::string fan_100() {
  std::string text = document("fan-100") + "  - all:\n      fork:\n        branches:\n";
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    text += "          - work" + number + ": " + work(".n * 100 + " + number) + "\n";
  }
  return text + "      output: { as: '${ { n: (map(.n) | add) } }' }\n";
}

}  // namespace

const Served start_workload = {
    .name = "start", .tasks = 1, .has_worker = false, .definition = start, .output = [](std::uint64_t) -> std::string {
      return R"({"ok":true})";
    }};
const Served chain_10_workload = {
    .name = "chain-10", .tasks = 10, .has_worker = false, .definition = chain_10, .output = [](std::uint64_t n) {
      return n_is(n + 10);
    }};
const Served task_1_workload = {
    .name = "task-1", .tasks = 1, .has_worker = true, .definition = task_1, .output = [](std::uint64_t n) {
      return n_is(n + 1);
    }};
const Served task_10_workload = {
    .name = "task-10", .tasks = 10, .has_worker = true, .definition = task_10, .output = [](std::uint64_t n) {
      return n_is(n + 10);
    }};
const Served fan_100_workload = {
    .name = "fan-100", .tasks = 100, .has_worker = true, .definition = fan_100, .output = [](std::uint64_t n) {
      return n_is(10'000 * n + 5'050);
    }};

}  // namespace pawl::bench
