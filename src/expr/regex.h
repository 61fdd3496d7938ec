// Regular expressions: Oniguruma's syntax, as jq has it, translated for RE2 (rule J5), so that matching takes time
// linear in the subject whatever the pattern.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace pawl::expr {

// Limits of J5.
inline constexpr std::size_t pattern_bytes = 4 << 10;
inline constexpr std::size_t automaton_bytes = 1 << 20;
inline constexpr std::size_t subject_bytes = 1 << 20;

struct RegexFlags {
  bool global = false, ignore_case = false, extended = false, dot_all = false, skip_empty = false, longest = false;
};

// The letters of jq: g i x s n p l. Nullopt for another letter.
std::optional<RegexFlags> parse_regex_flags(std::string_view letters);

// The pattern in RE2's syntax, or what is not supported about it. With `extended`, white space and comments are left
// out.
std::expected<std::string, std::string> translate_regex(std::string_view pattern, bool extended);

// A compiled pattern. Thread-safe once made.
class Regex {
 public:
  static std::expected<Regex, std::string> compile(std::string_view pattern, const RegexFlags& flags);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // The next match at or after byte `from`: groups as byte ranges, the whole match first; begin is npos for a group
  // that took no part. False when there is none.
  struct Group {
    std::size_t begin, end;
  };
  bool match(std::string_view subject, std::size_t from, std::vector<Group>& groups) const;

  const std::vector<std::string>& names() const { return names_; }  // per group from 1, empty for a plain one
  std::size_t size() const;                                         // of the automaton, in instructions

 private:
  Regex();
  std::unique_ptr<re2::RE2> program_;
  std::vector<std::string> names_;
};

// Patterns that one evaluation has used, so that a loop compiles each once.
class RegexCache {
 public:
  std::expected<const Regex*, std::string> get(std::string_view pattern, const RegexFlags& flags,
                                               std::string_view letters);

 private:
  static constexpr std::size_t most = 16;
  std::vector<std::pair<std::string, std::unique_ptr<Regex>>> made_;
};

// Whether the first argument of this built-in function is a regular expression.
bool takes_regex(std::string_view function, std::size_t arity);

}  // namespace pawl::expr
