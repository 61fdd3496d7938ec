#include "dsl/diagnostics.h"

#include <algorithm>
#include <utility>

namespace pawl::dsl {
namespace {

using Severity = Diagnostic::Severity;

constexpr std::size_t last_of_all = static_cast<std::size_t>(-1);

Diagnostic make(Severity severity, std::string_view code, std::string_view pointer, std::string message,
                std::string hint) {
  return {severity, std::string(code), std::move(message), std::move(hint), std::string(pointer)};
}

}  // namespace

void Diagnostics::error(std::string_view code, std::string_view pointer, std::string message, std::string hint,
                        Part part) {
  add({make(Severity::error, code, pointer, std::move(message), std::move(hint)), part});
}

void Diagnostics::warning(std::string_view code, std::string_view pointer, std::string message, std::string hint,
                          Part part) {
  add({make(Severity::warning, code, pointer, std::move(message), std::move(hint)), part});
}

void Diagnostics::error_at(std::string_view code, std::size_t offset, std::string_view pointer, std::string message,
                           std::string hint) {
  add({make(Severity::error, code, pointer, std::move(message), std::move(hint)), Part::value, true, offset});
}

// The same problem of a reusable part is found at each of its uses: kept once.
void Diagnostics::add(Found found) {
  const bool is_error = found.diagnostic.severity == Severity::error;
  if (is_error) ++errors_;
  std::size_t& kept = is_error ? errors_kept_ : warnings_kept_;
  if (kept == at_most) return;
  const Diagnostic& diagnostic = found.diagnostic;
  if (!seen_.emplace(diagnostic.code, diagnostic.pointer, diagnostic.message).second) return;
  found.order = found_.size();
  found_.push_back(std::move(found));
  if (++kept < at_most) return;
  const std::string message =
      "there may be more than these " + std::to_string(at_most) + (is_error ? " errors" : " warnings");
  found_.push_back({make(Severity::warning, "too-many-problems", "", message, ""), Part::value, true, last_of_all});
}

std::vector<Diagnostic> Diagnostics::finish(const SourceMap& map) {
  for (Found& found : found_) {
    if (!found.placed) {
      const Places places = map.find(found.diagnostic.pointer);
      found.offset = found.part == Part::key ? places.key : places.value;
    }
    const Position position = map.position(found.offset);
    found.diagnostic.line = position.line;
    found.diagnostic.column = position.column;
  }
  std::ranges::sort(found_, {}, [](const Found& found) { return std::pair(found.offset, found.order); });
  std::vector<Diagnostic> all;
  all.reserve(found_.size());
  for (Found& found : found_) all.push_back(std::move(found.diagnostic));
  found_.clear();
  return all;
}

}  // namespace pawl::dsl
