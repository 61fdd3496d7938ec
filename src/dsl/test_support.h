// What the tests of this room share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/compile.h"

namespace pawl::dsl::testing {

// Line 1 of most documents here; what follows begins on line 2.
inline constexpr std::string_view header = "document: { dsl: 1.0.0, namespace: test, name: flow, version: 1.0.0 }\n";

inline std::string document(std::string_view rest) { return std::string(header) + std::string(rest); }

inline std::string describe(const Diagnostic& diagnostic) {
  std::ostringstream out;
  out << (diagnostic.severity == Diagnostic::Severity::error ? "error " : "warning ") << diagnostic.code << " "
      << diagnostic.pointer << " " << diagnostic.line << ":" << diagnostic.column << " " << diagnostic.message;
  return out.str();
}

inline std::string describe(const std::vector<Diagnostic>& diagnostics) {
  std::string all;
  for (const Diagnostic& diagnostic : diagnostics) all += describe(diagnostic) + "\n";
  return all;
}

// The program of a document that must have no error.
inline std::shared_ptr<const Program> compiled(std::string_view source) {
  Compiled result = compile(source);
  EXPECT_NE(result.program, nullptr) << describe(result.diagnostics);
  return result.program;
}

inline const Diagnostic* find(const std::vector<Diagnostic>& diagnostics, std::string_view code) {
  const auto found = std::ranges::find(diagnostics, code, &Diagnostic::code);
  return found == diagnostics.end() ? nullptr : &*found;
}

// The folder of the project: the nearest one above the test program that holds its presets.
inline std::filesystem::path project_root() {
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (!std::filesystem::exists(folder / "CMakePresets.json") && folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

// The specification's published examples: reference data that lies beside the project, not in it.
inline std::filesystem::path examples_folder() {
  return project_root().parent_path() / "shared" / "data" / "open-workflow" / "examples";
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace pawl::dsl::testing
