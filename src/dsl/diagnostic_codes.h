// Every code that a diagnostic can have. Codes are stable; docs/diagnostics.md lists the same ones, with what to do.
#pragma once

#include <array>
#include <string_view>

#include "dsl/diagnostic.h"

namespace pawl::dsl {

struct DiagnosticCode {
  std::string_view code;
  Diagnostic::Severity severity = Diagnostic::Severity::error;
};

// In the groups of docs/diagnostics.md. Those of the group "expressions" come from expr/ (expr::SyntaxProblem).
inline constexpr std::array diagnostic_codes{
    // the text
    DiagnosticCode{"document-too-large"},
    DiagnosticCode{"invalid-utf8"},
    DiagnosticCode{"forbidden-character"},
    DiagnosticCode{"yaml-syntax"},
    DiagnosticCode{"empty-document"},
    DiagnosticCode{"multiple-documents"},
    DiagnosticCode{"duplicate-key"},
    DiagnosticCode{"invalid-key"},
    DiagnosticCode{"merge-key"},
    DiagnosticCode{"yaml-tag"},
    DiagnosticCode{"unknown-alias"},
    DiagnosticCode{"recursive-alias"},
    DiagnosticCode{"too-many-aliases"},
    DiagnosticCode{"too-many-nodes"},
    DiagnosticCode{"too-deep"},
    DiagnosticCode{"number-out-of-range"},
    // members
    DiagnosticCode{"invalid-type"},
    DiagnosticCode{"missing-member"},
    DiagnosticCode{"unknown-member"},
    DiagnosticCode{"unknown-addition"},
    DiagnosticCode{"invalid-value"},
    DiagnosticCode{"unsupported"},
    // names
    DiagnosticCode{"invalid-name"},
    DiagnosticCode{"invalid-version"},
    DiagnosticCode{"duplicate-task-name"},
    DiagnosticCode{"reserved-task-name"},
    DiagnosticCode{"duplicate-case-name"},
    DiagnosticCode{"duplicate-variable"},
    DiagnosticCode{"unresolved-name"},
    DiagnosticCode{"unknown-function"},
    DiagnosticCode{"recursive-function"},
    DiagnosticCode{"reserved-queue"},
    // tasks
    DiagnosticCode{"unknown-task"},
    DiagnosticCode{"ambiguous-task"},
    DiagnosticCode{"too-many-tasks"},
    DiagnosticCode{"duplicate-default"},
    DiagnosticCode{"then-scope"},
    DiagnosticCode{"invalid-duration"},
    DiagnosticCode{"negative-duration"},
    DiagnosticCode{"invalid-uri"},
    DiagnosticCode{"uri-template"},
    // expressions
    DiagnosticCode{"expression-syntax"},
    DiagnosticCode{"expression-limit"},
    DiagnosticCode{"unknown-variable"},
    DiagnosticCode{"unsupported-function"},
    DiagnosticCode{"forbidden-function"},
    DiagnosticCode{"regex-unsupported"},
    DiagnosticCode{"unknown-label"},
    // warnings
    DiagnosticCode{"literal-looks-like-expression", Diagnostic::Severity::warning},
    DiagnosticCode{"fork-export-conflict", Diagnostic::Severity::warning},
    DiagnosticCode{"loop-without-wait", Diagnostic::Severity::warning},
    DiagnosticCode{"unreachable-task", Diagnostic::Severity::warning},
    DiagnosticCode{"too-many-problems", Diagnostic::Severity::warning},
};

}  // namespace pawl::dsl
