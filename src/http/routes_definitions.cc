// POST and GET /v1/definitions: deploy and read.
#include <algorithm>

#include "base/limits.h"
#include "dsl/compile.h"
#include "engine/program_cache.h"
#include "http/arguments.h"
#include "http/authenticated.h"
#include "http/cursor.h"
#include "http/documents.h"
#include "http/problem.h"
#include "http/run_requests.h"
#include "json/builder.h"
#include "store/definitions.h"

namespace pawl::http {

namespace {

using json::Value;

Problem definition_invalid(std::size_t errors) {
  return {.status = 422,
          .code = "definition-invalid",
          .title = "The document cannot be deployed",
          .detail = errors == 1 ? "1 error" : std::to_string(errors) + " errors",
          .instance = {},
          .hint = "`diagnostics` has each with its place; `pawl check FILE` shows them without deploying"};
}

Problem definition_not_found() {
  return {.status = 404,
          .code = "definition-not-found",
          .title = "There is no such definition, or no such version of it",
          .detail = {},
          .instance = {},
          .hint = "GET /v1/definitions lists them"};
}

// JSON is YAML as well. A client that names no type, or only that it is text, means a document.
bool is_document_type(std::string_view content_type) {
  std::string media(content_type.substr(0, content_type.find_first_of("; \t")));
  std::ranges::transform(media, media.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  static constexpr std::string_view taken[] = {
      "",           "application/json", "application/yaml",        "application/x-yaml", "text/yaml", "text/x-yaml",
      "text/plain", "text/json",        "application/octet-stream"};
  return std::ranges::find(taken, media) != std::end(taken) || media.ends_with("+json") || media.ends_with("+yaml");
}

Result<bool> read_activate(const Request& request) {
  if (auto known = only_parameters(request, {"activate"}); !known) return fail(known.error());
  const auto text = request.parameter("activate");
  if (!text || *text == "true") return true;
  if (*text == "false") return false;
  return fail({.status = 400,
               .code = "parameter-invalid",
               .title = "A query parameter cannot be read",
               .detail = "activate is true or false",
               .instance = "activate",
               .hint = {}});
}

Result<store::Deployment> read_deployment(const Uuid& tenant, const Request& request, dsl::Compiled& compiled) {
  const auto activate = read_activate(request);
  if (!activate) return fail(activate.error());
  const std::string_view type = request.headers.find("Content-Type").value_or("");
  if (!is_document_type(type)) {
    return fail({.status = 415,
                 .code = "media-type",
                 .title = "The body's media type is not taken here",
                 .detail = "it is " + std::string(type),
                 .instance = {},
                 .hint = "send Content-Type: application/yaml or application/json"});
  }
  if (request.body.size() > limits::definition_bytes) {
    return fail(limit_exceeded("definition", limits::definition_bytes, "bytes"));
  }
  compiled = dsl::compile(request.body);
  if (compiled.program == nullptr) {
    const auto errors =
        std::ranges::count(compiled.diagnostics, dsl::Diagnostic::Severity::error, &dsl::Diagnostic::severity);
    return fail(definition_invalid(static_cast<std::size_t>(errors)));
  }
  return store::Deployment{.tenant = tenant,
                           .program = compiled.program,
                           .source = request.body,
                           .source_type = type.empty() ? "application/yaml" : std::string(type),
                           .activate = *activate};
}

void deploy(Parts& parts, const Uuid& tenant, const Request& request, Responder respond) {
  dsl::Compiled compiled;
  auto deployment = read_deployment(tenant, request, compiled);
  if (!deployment) {
    const Value diagnostics = compiled.diagnostics.empty() ? Value() : diagnostics_document(compiled.diagnostics);
    return respond(problem_response(deployment.error(), std::nullopt, diagnostics));
  }
  const auto program = deployment->program;
  parts.definitions.deploy(
      std::move(*deployment), [&parts, tenant, program, warnings = diagnostics_document(compiled.diagnostics),
                               respond = std::move(respond)](Result<store::Deployed> deployed) mutable {
        if (!deployed) return respond(problem_response(deployed.error()));
        // Before the answer: whoever has it must not start a run of the version before.
        parts.programs.invalidate(tenant, program->namespace_, program->name);
        json::ObjectBuilder document(5);
        const std::string name = program->namespace_ + "/" + program->name;
        document.add("definition", name);
        document.add("version", program->version);
        document.add("active", deployed->active);
        document.add("created", deployed->created);
        if (!warnings.items().empty()) document.add("diagnostics", std::move(warnings));
        Response response = json_response(deployed->created ? 201 : 200, document.finish());
        response.headers.emplace_back("Location", "/v1/definitions/" + percent_encode(program->namespace_) + "/" +
                                                      percent_encode(program->name) + "/" +
                                                      percent_encode(program->version));
        respond(std::move(response));
      });
}

void list(Parts& parts, const Uuid& tenant, const Request& request, Responder respond) {
  if (auto known = only_parameters(request, {"limit", "cursor"}); !known)
    return respond(problem_response(known.error()));
  const auto page = read_page(request);
  if (!page) return respond(problem_response(page.error()));
  parts.reads.definitions(tenant, *page,
                          [respond = std::move(respond)](Result<store::Page<store::DefinitionRow>> found) mutable {
                            if (!found) return respond(problem_response(found.error()));
                            std::vector<Value> items;
                            for (const auto& each : found->items) items.push_back(definition_document(each));
                            const auto& next = found->next;
                            respond(list_response(std::move(items), next ? format_cursor({next->time, next->id}) : ""));
                          });
}

void show(Parts& parts, const Uuid& tenant, const Request& request, std::string namespace_, std::string name,
          std::string version, Responder respond) {
  if (auto known = only_parameters(request, {}); !known) return respond(problem_response(known.error()));
  parts.reads.definition(tenant, std::move(namespace_), std::move(name), std::move(version),
                         [respond = std::move(respond)](Result<std::optional<store::VersionDetail>> found) mutable {
                           if (!found) return respond(problem_response(found.error()));
                           if (!*found) return respond(problem_response(definition_not_found()));
                           respond(json_response(200, version_document(**found)));
                         });
}

}  // namespace

void add_definition_routes(Router& router, Parts& parts) {
  router.add("POST", "/v1/definitions",
             authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters, Responder respond) {
               deploy(parts, tenant, request, std::move(respond));
             }));
  router.add("GET", "/v1/definitions",
             authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters, Responder respond) {
               list(parts, tenant, request, std::move(respond));
             }));
  router.add(
      "GET", "/v1/definitions/{namespace}/{name}",
      authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
        show(parts, tenant, request, path["namespace"], path["name"], "", std::move(respond));
      }));
  router.add(
      "GET", "/v1/definitions/{namespace}/{name}/{version}",
      authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
        show(parts, tenant, request, path["namespace"], path["name"], path["version"], std::move(respond));
      }));
}

}  // namespace pawl::http
