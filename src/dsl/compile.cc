#include "dsl/compile.h"

#include <utility>

#include "dsl/check_flow.h"
#include "dsl/context.h"
#include "dsl/document.h"
#include "dsl/use.h"
#include "dsl/yaml.h"

namespace pawl::dsl {

Compiled compile(std::string_view source, const Limits& limits) {
  Diagnostics problems;
  SourceMap map(source);
  Compiled compiled;
  const auto document = read_yaml(source, limits, problems, map);
  if (document) {
    auto program = std::make_shared<Program>();
    Context context{.problems = problems, .program = *program};
    read_document(context, *document);
    const auto functions = check_recursion(context);
    if (!problems.has_errors()) {
      check_flow(context, functions);
      program->document = *document;
      program->sha256 = sha256(json::to_text(*document));
      compiled.program = std::move(program);
    }
  }
  compiled.diagnostics = problems.finish(map);
  return compiled;
}

}  // namespace pawl::dsl
