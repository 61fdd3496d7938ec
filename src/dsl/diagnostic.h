// One problem of a document, with its place.
#pragma once

#include <cstdint>
#include <string>

namespace pawl::dsl {

struct Diagnostic {
  enum class Severity : std::uint8_t { error, warning } severity = Severity::error;
  std::string code;  // stable, kebab-case: docs/diagnostics.md
  std::string message, hint;
  std::string pointer;                 // RFC 6901, in the document
  std::uint32_t line = 1, column = 1;  // of the text, from 1; column counts code points
};

}  // namespace pawl::dsl
