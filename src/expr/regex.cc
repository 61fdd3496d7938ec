#include "expr/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace pawl::expr {

std::optional<RegexFlags> parse_regex_flags(std::string_view letters) {
  RegexFlags flags;
  for (char letter : letters) {
    switch (letter) {
      case 'g':
        flags.global = true;
        break;
      case 'i':
        flags.ignore_case = true;
        break;
      case 'x':
        flags.extended = true;
        break;
      case 's':
        break;  // ^ and $ match at the ends of the text only: they always do
      case 'n':
        flags.skip_empty = true;
        break;
      case 'p':
        flags.dot_all = true;
        break;
      case 'l':
        flags.longest = true;
        break;
      default:
        return std::nullopt;
    }
  }
  return flags;
}

Regex::Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::expected<Regex, std::string> Regex::compile(std::string_view pattern, const RegexFlags& flags) {
  if (pattern.size() > pattern_bytes) return std::unexpected("the regular expression is longer than 4 KiB");
  auto translated = translate_regex(pattern, flags.extended);
  if (!translated) return std::unexpected(std::move(translated.error()));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(automaton_bytes);
  options.set_case_sensitive(!flags.ignore_case);
  options.set_dot_nl(flags.dot_all);
  options.set_longest_match(flags.longest);
  Regex made;
  made.program_ = std::make_unique<re2::RE2>(*translated, options);
  if (!made.program_->ok()) {
    return std::unexpected("the regular expression is not supported: " + made.program_->error());
  }
  made.names_.resize(static_cast<std::size_t>(made.program_->NumberOfCapturingGroups()));
  for (const auto& [group, name] : made.program_->CapturingGroupNames()) {
    made.names_[static_cast<std::size_t>(group) - 1] = name;
  }
  return made;
}

std::size_t Regex::size() const { return static_cast<std::size_t>(program_->ProgramSize()); }

bool Regex::match(std::string_view subject, std::size_t from, std::vector<Group>& groups) const {
  std::vector<re2::StringPiece> pieces(names_.size() + 1);
  const re2::StringPiece text(subject.data(), subject.size());
  if (!program_->Match(text, from, subject.size(), re2::RE2::UNANCHORED, pieces.data(),
                       static_cast<int>(pieces.size()))) {
    return false;
  }
  groups.clear();
  for (const re2::StringPiece& piece : pieces) {
    const std::size_t begin =
        piece.data() == nullptr ? std::string_view::npos : static_cast<std::size_t>(piece.data() - subject.data());
    groups.push_back({begin, begin + piece.size()});
  }
  return true;
}

std::expected<const Regex*, std::string> RegexCache::get(std::string_view pattern, const RegexFlags& flags,
                                                         std::string_view letters) {
  std::string key(letters);
  key.append("/").append(pattern);
  const auto found = std::ranges::find(made_, key, [](const auto& one) -> const std::string& { return one.first; });
  if (found != made_.end()) return found->second.get();
  auto made = Regex::compile(pattern, flags);
  if (!made) return std::unexpected(std::move(made.error()));
  if (made_.size() == most) made_.erase(made_.begin());
  made_.emplace_back(std::move(key), std::make_unique<Regex>(std::move(*made)));
  return made_.back().second.get();
}

bool takes_regex(std::string_view function, std::size_t arity) {
  constexpr std::array<std::string_view, 7> names = {"test", "match", "capture", "scan", "splits", "sub", "gsub"};
  return std::ranges::find(names, function) != names.end() || (function == "split" && arity == 2);
}

}  // namespace pawl::expr
