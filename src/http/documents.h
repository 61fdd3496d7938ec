// Things as the API shows them: the shapes of interfaces.md. Members that do not apply are absent.
#pragma once

#include <span>

#include "core/event.h"
#include "dsl/diagnostic.h"
#include "engine/api.h"
#include "http/message.h"
#include "json/value.h"
#include "store/reads.h"

namespace pawl::http {

json::Value run_document(const engine::RunView& run);
json::Value run_document(const store::RunDetail& run);
json::Value run_document(const store::RunRow& run);  // of a list: without input, output and error
json::Value event_document(const core::Event& event);
json::Value step_document(const store::Step& step);

Response log_response(const store::LogPage& page);  // {items, nextCursor?, dropped?}

json::Value definition_document(const store::DefinitionRow& definition);
json::Value version_document(const store::VersionDetail& version);
json::Value diagnostics_document(std::span<const dsl::Diagnostic> diagnostics);

json::Value assignment_document(const engine::Assignment& assignment);
std::string_view name(engine::Accepted accepted);  // done, stale, unknown-token

Response json_response(int status, const json::Value& document);

// {items, nextCursor?, cut?}; `next_cursor` empty: the last page. `cut`: what is listed is not all that there is, and
// no cursor leads to the rest.
Response list_response(std::vector<json::Value> items, std::string_view next_cursor, bool cut = false);

}  // namespace pawl::http
