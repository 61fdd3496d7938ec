// The problems found so far. Readers report by pointer; line and column are looked up at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source_map.h"

namespace pawl::dsl {

// Which part of a member a problem is about: its name or its value.
enum class Part : std::uint8_t { value, key };

class Diagnostics {
 public:
  // More than this many errors, and as many warnings, are not kept: a broken document gives its first problems, not a
  // megabyte of them.
  static constexpr std::size_t at_most = 200;

  void error(std::string_view code, std::string_view pointer, std::string message, std::string hint = {},
             Part part = Part::value);
  void warning(std::string_view code, std::string_view pointer, std::string message, std::string hint = {},
               Part part = Part::value);
  // An error whose place is known already, in bytes from the beginning of the text.
  void error_at(std::string_view code, std::size_t offset, std::string_view pointer, std::string message,
                std::string hint = {});

  bool has_errors() const { return errors_ != 0; }
  std::size_t error_count() const { return errors_; }
  // False when no more errors are kept: costly checks may then be left out, the document is refused anyway.
  bool has_room() const { return errors_kept_ < at_most; }

  // All of them, in the order of the text; ends the collection.
  std::vector<Diagnostic> finish(const SourceMap& map);

 private:
  struct Found {
    Diagnostic diagnostic;
    Part part = Part::value;
    bool placed = false;
    std::size_t offset = 0;
    std::size_t order = 0;  // of two at one place, the first found comes first
  };
  void add(Found found);

  std::vector<Found> found_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;  // code, pointer, message
  std::size_t errors_ = 0, errors_kept_ = 0, warnings_kept_ = 0;
};

}  // namespace pawl::dsl
