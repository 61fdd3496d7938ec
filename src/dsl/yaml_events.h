// libfyaml's parser as a stream of plain events. Only its event API is used: its document builder is quadratic in the
// keys of a mapping and expands aliases without a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pawl::dsl {

struct YamlEvent {
  enum class Kind : std::uint8_t { document, mapping, sequence, end, scalar, alias } kind = Kind::scalar;
  std::size_t offset = 0;   // bytes from the beginning; of an empty scalar, that of the event before
  bool plain = false;       // a scalar without quotes
  std::string text;         // of a scalar; the name of an alias
  std::string anchor, tag;  // empty when there is none; the tag in full, tag:yaml.org,2002:str
};

struct YamlSyntaxProblem {
  std::string message;
  std::uint32_t line = 1, column = 1;
};

class YamlEvents {
 public:
  explicit YamlEvents(std::string_view text);  // must outlive this
  ~YamlEvents();
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;

  // Nullopt at the end, and when the text is not YAML.
  std::optional<YamlEvent> next();
  std::optional<YamlSyntaxProblem> problem() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace pawl::dsl
