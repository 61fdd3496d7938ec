// For tests: random definitions over everything that core/ walks. The same seed gives the same definition. What they do
// always ends when calls are answered: loops are over short arrays or count in the context, retries are limited.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::core::testing {

class RandomDefinition {
 public:
  explicit RandomDefinition(std::uint64_t seed) : state_(seed) {}

  // As JSON.
  std::string text() {
    const std::string functions = R"("functions": {"f0": )" + task(2, {}) + R"(, "f1": {"do": )" + list(2) + "}}";
    in_functions_ = false;
    std::string text = R"({"document": {"dsl": "1.0.0", "namespace": "test", "name": "random", "version": "1.0.0"})";
    if (one_in(6)) text += R"(, "timeout": {"after": ")" + seconds(20) + R"("})";
    if (one_in(8)) text += R"(, "input": {"from": "{ n: 1, input: . }"})";
    if (one_in(8)) text += R"(, "output": {"as": "{ last: ., context: $context }"})";
    return text + R"(, "use": {)" + functions + R"(}, "do": )" + list(0) + "}";
  }

 private:
  // splitmix64 (Steele, Lea, Flood 2014).
  std::uint64_t random() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); }
  bool one_in(std::uint32_t chances) { return below(chances) == 0; }
  std::string seconds(std::uint32_t most) { return "PT" + std::to_string(below(most) + 1) + "S"; }
  std::string number(std::uint32_t bound) { return std::to_string(below(bound)); }

  std::string list(int depth) {
    const std::uint32_t count = depth == 0 ? 2 + below(4) : below(4);
    const std::string id = std::to_string(next_list_++);
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < count; ++i) names.push_back("t" + id + "-" + std::to_string(i));
    std::string text = "[";
    if (one_in(5)) text += again(id, count > 0);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::vector<std::string> later(names.begin() + i + 1, names.end());
      text += (i > 0 ? ", {\"" : "{\"") + names[i] + "\": " + task(depth, later) + "}";
    }
    return text + "]";
  }

  // Visits a task several times; the context's counter only grows.
  std::string again(const std::string& id, bool more) {
    const std::string counting = one_in(2) ? R"("call": "test.count")" : R"("set": {"again": "${ $context }"})";
    return R"({"count)" + id + R"(": {)" + counting +
           R"(, "export": {"as": "($context // {}) | .c = (.c // 0) + 1"}}}, )" + R"({"back)" + id +
           R"(": {"switch": [{"more": {"when": "$context.c < )" + number(6) + R"(", "then": "count)" + id +
           R"("}}]}})" + (more ? ", " : "");
  }

  std::string task(int depth, const std::vector<std::string>& later) {
    return "{" + work(depth) + around() + (later.empty() && one_in(2) ? "" : then(later)) + "}";
  }

  std::string then(const std::vector<std::string>& later) {
    if (!one_in(6)) return {};
    if (one_in(12)) return R"(, "then": "end")";
    if (later.empty() || one_in(3)) return R"(, "then": "exit")";
    return R"(, "then": ")" + later[below(static_cast<std::uint32_t>(later.size()))] + "\"";
  }

  std::string around() {
    std::string text;
    if (one_in(10)) text += R"(, "if": ")" + std::string(one_in(6) ? "error(\\\"if\\\")" : "false") + "\"";
    if (one_in(8)) text += R"(, "timeout": {"after": ")" + seconds(10) + R"("})";
    if (one_in(8)) text += R"(, "input": {"from": "{ from: (tojson | length) }"})";
    if (one_in(8))
      text += R"(, "output": {"as": ")" + std::string(one_in(8) ? "error(\\\"as\\\")" : "[., $input]") + "\"}";
    if (one_in(4)) {
      const std::string key(1, static_cast<char>('p' + below(4)));
      const std::string as = one_in(12)  ? "error(\\\"export\\\")"
                             : one_in(6) ? "($context // {}) | del(." + key + ")"
                                         : "($context // {}) + { " + key + ": ($output | tojson | length) }";
      text += R"(, "export": {"as": ")" + as + "\"}";
    }
    return text;
  }

  std::string work(int depth) {
    const std::uint32_t simple = 6;
    switch (below(depth >= 4 ? simple : simple + 6)) {
      case 0:
      case 1:
        return R"("call": "test.a)" + number(3) +
               R"(", "with": {"size": "${ tojson | length }", "context": "${ $context }"})";
      case 2:
        return R"("wait": ")" + seconds(5) + "\"";
      case 3:
        if (one_in(2)) return R"("raise": {"error": {"type": "https://example.com/x", "status": 50)" + number(5) + "}}";
        [[fallthrough]];
      case 4:
        return R"("set": {"size": "${ tojson | length }", "context": "${ $context }", "at": "${ $task.startedAt }"})";
      case 5:
        return R"("switch": [{"some": {"when": "$context.c == )" + number(3) + R"(", "then": "continue"}}])";
      case 6:
        return R"("do": )" + list(depth + 1);
      case 7:
        return R"("for": {"in": "[range()" + number(4) + R"()]"}, )" +
               (one_in(3) ? R"("while": "$item != )" + number(4) + "\", " : "") + R"("do": )" + list(depth + 1);
      case 8:
        return fork(depth);
      case 9:
        if (!in_functions_) return R"("call": "f)" + number(2) + R"(", "with": {"size": "${ tojson | length }"})";
        [[fallthrough]];
      default:
        return attempt(depth);
    }
  }

  std::string fork(int depth) {
    std::string text = R"("fork": {"branches": [)";
    const std::uint32_t count = below(4);
    for (std::uint32_t i = 0; i < count; ++i) {
      text += (i > 0 ? ", {\"b" : "{\"b") + std::to_string(i) + "\": " + task(depth + 1, {}) + "}";
    }
    return text + "]}";
  }

  std::string attempt(int depth) {
    std::string text = R"("try": )" + list(depth + 1) + R"(, "catch": {"as": "error")";
    if (one_in(4)) text += R"(, "errors": {"with": {"status": 50)" + number(5) + "}}";
    if (one_in(6))
      text += R"(, "when": ")" + std::string(one_in(4) ? "error(\\\"when\\\")" : "$error.status != 501") + "\"";
    if (one_in(8)) text += R"(, "exceptWhen": ".status == 502")";
    if (one_in(2)) {
      text += R"(, "retry": {"limit": {"attempt": {"count": )" + number(3);
      if (one_in(3)) text += R"(, "duration": ")" + seconds(8) + "\"";
      text += "}";
      if (one_in(4)) text += R"(, "duration": ")" + seconds(20) + "\"";
      text += "}";
      if (one_in(2)) text += R"(, "delay": ")" + seconds(3) + "\"";
      if (one_in(3)) text += R"(, "backoff": {"exponential": {}})";
      if (one_in(6)) text += R"(, "when": ".status != 503")";
      text += "}";
    }
    if (one_in(2)) text += R"(, "do": )" + list(depth + 1);
    if (one_in(8)) text += R"(, "then": "exit")";
    return text + "}";
  }

  std::uint64_t state_;
  std::uint32_t next_list_ = 0;
  bool in_functions_ = true;
};

}  // namespace pawl::core::testing
