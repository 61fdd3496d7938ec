#include <array>

#include "dsl/additions.h"
#include "dsl/document.h"
#include "dsl/names.h"
#include "dsl/tasks.h"
#include "dsl/use.h"

namespace pawl::dsl {
namespace {

constexpr std::string_view supported_dsl = "1.0.";

// The member's text; empty after reporting that it is missing or no text.
std::string_view required_text(Context& context, const json::Value& header, std::string_view name,
                               std::string_view example) {
  const json::Value* value = require(context, header, "/document", name);
  if (value == nullptr) return {};
  if (value->is_string()) return value->text();
  wrong_type(context, *value, json::append_pointer("/document", name), "a text",
             "write it in quotes, for example \"" + std::string(example) + "\"");
  return {};
}

// Namespace and name are labels as in DNS.
std::string read_label(Context& context, const json::Value& header, std::string_view name) {
  const std::string_view text = required_text(context, header, name, "orders");
  const bool reported = text.empty() && (header.find(name) == nullptr || !header.find(name)->is_string());
  if (!reported && !is_dns_label(text)) {
    context.problems.error("invalid-name", json::append_pointer("/document", name),
                           "a " + std::string(name) + " is 1 to 63 letters, digits and inner hyphens");
  }
  return std::string(text);
}

std::string read_version(Context& context, const json::Value& header, std::string_view name) {
  const std::string_view text = required_text(context, header, name, "1.0.0");
  const bool reported = text.empty() && (header.find(name) == nullptr || !header.find(name)->is_string());
  if (!reported && !is_semantic_version(text)) {
    context.problems.error("invalid-version", json::append_pointer("/document", name),
                           "a version is written as semver.org says", "for example \"1.0.0\"");
  }
  return std::string(text);
}

void read_header(Context& context, const json::Value& header) {
  static constexpr std::array<std::string_view, 8> known{"dsl",   "namespace", "name", "version",
                                                         "title", "summary",   "tags", "metadata"};
  if (!check_members(context, header, "/document", {known})) return;
  const std::string dsl = read_version(context, header, "dsl");
  if (is_semantic_version(dsl) && !dsl.starts_with(supported_dsl)) {
    context.problems.error("unsupported", "/document/dsl", "version " + dsl + " of the language is not supported",
                           "supported is " + std::string(supported_dsl) + "x");
  }
  context.program.namespace_ = read_label(context, header, "namespace");
  context.program.name = read_label(context, header, "name");
  context.program.version = read_version(context, header, "version");
  if (const json::Value* title = header.find("title");
      title != nullptr && expect_string(context, *title, "/document/title", "a text")) {
    context.program.title = title->text();
  }
  if (const json::Value* summary = header.find("summary"))
    expect_string(context, *summary, "/document/summary", "a text");
  if (const json::Value* tags = header.find("tags")) expect_object(context, *tags, "/document/tags", "an object");
  if (const json::Value* metadata = header.find("metadata")) {
    context.queue = read_document_metadata(context, *metadata, "/document/metadata").value_or("");
  }
}

// Rule S1: jq in strict mode, and nothing else.
void read_evaluate(Context& context, const json::Value& evaluate) {
  static constexpr std::array<std::string_view, 2> known{"language", "mode"};
  if (!check_members(context, evaluate, "/evaluate", {known})) return;
  const json::Value* language = evaluate.find("language");
  if (language != nullptr && expect_string(context, *language, "/evaluate/language", "a text") &&
      language->text() != "jq") {
    context.problems.error("unsupported", "/evaluate/language", "expressions are in jq, nothing else is supported");
  }
  const json::Value* mode = evaluate.find("mode");
  if (mode == nullptr || !expect_string(context, *mode, "/evaluate/mode", "a text") || mode->text() == "strict") return;
  if (mode->text() == "loose") {
    context.problems.error("unsupported", "/evaluate/mode",
                           "in loose mode the meaning of a text depends on whether it happens to be a program",
                           "leave it out, and write expressions in braces: ${ … }");
  } else {
    context.problems.error("invalid-value", "/evaluate/mode", "the mode is strict");
  }
}

// What stands around the tasks (D1, the workflow's line).
void read_workflow(Context& context, const json::Value& document) {
  if (const json::Value* input = document.find("input")) {
    context.program.input_from = read_data_member(context, *input, "/input", "from", {Site::workflow_input, {}});
  }
  if (const json::Value* output = document.find("output")) {
    context.program.output_as = read_data_member(context, *output, "/output", "as", {Site::workflow_output, {}});
  }
  if (const json::Value* timeout = document.find("timeout")) {
    context.program.timeout = read_timeout(context, *timeout, "/timeout", {Site::workflow_input, {}});
  }
  if (const json::Value* evaluate = document.find("evaluate")) read_evaluate(context, *evaluate);
}

}  // namespace

void read_document(Context& context, const json::Value& document) {
  static constexpr std::array<std::string_view, 7> known{"document", "input",  "use",     "do",
                                                         "timeout",  "output", "evaluate"};
  static constexpr std::array<std::string_view, 1> later{"schedule"};
  if (!check_members(context, document, "", {known, later})) return;
  if (const json::Value* header = require(context, document, "", "document")) read_header(context, *header);
  const ListIndex list = add_list(context, no_task);  // the first: main_list
  if (const json::Value* use = document.find("use")) collect_use(context, *use);
  read_workflow(context, document);
  if (const json::Value* tasks = require(context, document, "", "do")) {
    const auto items = read_items(context, *tasks, "/do");
    read_tasks(context, list, items, Scope{});
  }
  read_use(context);
}

}  // namespace pawl::dsl
