// Oniguruma's syntax (doc/RE of kkos/oniguruma, as ONIG_SYNTAX_PERL_NT reads it) to RE2's (re2/doc/syntax).
#include <array>
#include <string>

#include "expr/regex.h"

namespace pawl::expr {

namespace {

struct Category {
  std::string_view long_name, name;
};

// Unicode's general categories by their long names; RE2 knows the short ones, and scripts.
constexpr std::array<Category, 37> categories = {{{"Letter", "L"},
                                                  {"Uppercase_Letter", "Lu"},
                                                  {"Lowercase_Letter", "Ll"},
                                                  {"Titlecase_Letter", "Lt"},
                                                  {"Modifier_Letter", "Lm"},
                                                  {"Other_Letter", "Lo"},
                                                  {"Mark", "M"},
                                                  {"Nonspacing_Mark", "Mn"},
                                                  {"Spacing_Mark", "Mc"},
                                                  {"Enclosing_Mark", "Me"},
                                                  {"Number", "N"},
                                                  {"Decimal_Number", "Nd"},
                                                  {"Letter_Number", "Nl"},
                                                  {"Other_Number", "No"},
                                                  {"Punctuation", "P"},
                                                  {"Connector_Punctuation", "Pc"},
                                                  {"Dash_Punctuation", "Pd"},
                                                  {"Open_Punctuation", "Ps"},
                                                  {"Close_Punctuation", "Pe"},
                                                  {"Initial_Punctuation", "Pi"},
                                                  {"Final_Punctuation", "Pf"},
                                                  {"Other_Punctuation", "Po"},
                                                  {"Symbol", "S"},
                                                  {"Math_Symbol", "Sm"},
                                                  {"Currency_Symbol", "Sc"},
                                                  {"Modifier_Symbol", "Sk"},
                                                  {"Other_Symbol", "So"},
                                                  {"Separator", "Z"},
                                                  {"Space_Separator", "Zs"},
                                                  {"Line_Separator", "Zl"},
                                                  {"Paragraph_Separator", "Zp"},
                                                  {"Other", "C"},
                                                  {"Control", "Cc"},
                                                  {"Format", "Cf"},
                                                  {"Alpha", "L"},
                                                  {"Upper", "Lu"},
                                                  {"Lower", "Ll"}}};

class Translator {
 public:
  Translator(std::string_view pattern, bool extended) : pattern_(pattern), extended_(extended) {}

  std::expected<std::string, std::string> translate() {
    while (at_ < pattern_.size() && problem_.empty()) step();
    if (!problem_.empty()) return std::unexpected(std::move(problem_));
    return std::move(out_);
  }

 private:
  void step() {
    const char c = pattern_[at_];
    if (c == '\\') return escape();
    if (in_class_) return class_character(c);
    if (c == '[') return class_begin();
    if (c == '(') return group();
    if (c == '*' || c == '+' || c == '?') return quantifier();
    if (extended_ && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      ++at_;
      return;
    }
    if (extended_ && c == '#') {
      while (at_ < pattern_.size() && pattern_[at_] != '\n') ++at_;
      return;
    }
    copy(1);
  }

  void class_begin() {
    in_class_ = true;
    copy(1);
    if (next_is("^")) copy(1);
    if (next_is("]")) copy(1);
  }

  void class_character(char c) {
    if (next_is("[:")) {
      const std::size_t end = pattern_.find(":]", at_);
      if (end != std::string_view::npos) return copy(end + 2 - at_);
    }
    if (next_is("&&")) return refuse("an intersection of character classes");
    if (c == ']') in_class_ = false;
    if (c == '[') out_ += '\\';
    copy(1);
  }

  void group() {
    for (std::string_view refused : {"(?=", "(?!", "(?<=", "(?<!"}) {
      if (next_is(refused)) return refuse("look-around");
    }
    if (next_is("(?>")) return refuse("an atomic group");
    if (next_is("(?(")) return refuse("a condition");
    if (next_is("(?~")) return refuse("an absence operator");
    if (next_is("(?#")) {
      const std::size_t end = pattern_.find(')', at_);
      if (end == std::string_view::npos) return refuse("a comment without end");
      at_ = end + 1;
      return;
    }
    if (next_is("(?<")) {
      out_ += "(?P<";
      at_ += 3;
      return;
    }
    if (next_is("(?")) {
      const std::size_t end = pattern_.find_first_of(":)", at_);
      const std::string_view flags = pattern_.substr(at_, end == std::string_view::npos ? end : end - at_);
      if (flags.find('x') != std::string_view::npos) return refuse("the flag x inside of a pattern");
      return copy(flags.size());
    }
    copy(1);
  }

  void quantifier() {
    copy(1);
    if (next_is("+")) refuse("a possessive quantifier");
    if (next_is("?")) copy(1);
  }

  void escape() {
    const char c = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
    switch (c) {
      case '\0':
        return refuse("a backslash at the end");
      case 'h':
        return replace(in_class_ ? "0-9a-fA-F" : "[0-9a-fA-F]", 2);
      case 'H':
        return in_class_ ? refuse("\\H in a class") : replace("[^0-9a-fA-F]", 2);
      case 'Z':
        return replace("\\z", 2);
      case 'K':
      case 'G':
      case 'R':
      case 'X':
      case 'k':
      case 'g':
        return refuse(std::string("\\") + c);
      case 'u':
        return unicode_escape();
      case 'p':
      case 'P':
        return property(c);
      case 'e':
        return replace("\\x1b", 2);
      default:
        if (c >= '1' && c <= '9' && !in_class_) return refuse("a back-reference");
        // Any other character stands for itself; RE2 refuses such escapes of letters only.
        copy(1 + character_size(at_ + 1));
    }
  }

  void unicode_escape() {
    constexpr std::size_t length = 6;
    const std::string_view digits = pattern_.substr(at_ + 2, 4);
    if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
      return refuse("\\u without four hexadecimal digits");
    }
    replace("\\x{" + std::string(digits) + "}", length);
  }

  void property(char c) {
    const std::size_t end = pattern_.find('}', at_);
    if (at_ + 2 >= pattern_.size() || pattern_[at_ + 2] != '{' || end == std::string_view::npos) return copy(2);
    std::string_view name = pattern_.substr(at_ + 3, end - at_ - 3);
    bool negated = c == 'P';
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    for (const Category& category : categories) {
      if (category.long_name == name) name = category.name;
    }
    replace((negated ? "\\P{" : "\\p{") + std::string(name) + "}", end + 1 - at_);
  }

  std::size_t character_size(std::size_t at) const {
    std::size_t size = 1;
    while (at + size < pattern_.size() && (static_cast<unsigned char>(pattern_[at + size]) & 0xc0) == 0x80) ++size;
    return size;
  }
  bool next_is(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
  void copy(std::size_t count) {
    out_ += pattern_.substr(at_, count);
    at_ += count;
  }
  void replace(std::string_view text, std::size_t count) {
    out_ += text;
    at_ += count;
  }
  void refuse(std::string_view what) { problem_ = "regular expressions have no " + std::string(what) + " here"; }

  std::string_view pattern_;
  bool extended_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
  std::string problem_;
};

}  // namespace

std::expected<std::string, std::string> translate_regex(std::string_view pattern, bool extended) {
  return Translator(pattern, extended).translate();
}

}  // namespace pawl::expr
