// Reading what a request says: its query and its body, strictly. Whatever is not known is refused with a hint, so that
// a misspelt member is an answer and not a silence. All problems here have status 400 unless said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "base/time.h"
#include "http/message.h"
#include "json/value.h"

namespace pawl::http {

using Names = std::initializer_list<std::string_view>;

// `unknown-parameter` for a query parameter that is not among them; `duplicate-parameter` for one given twice.
Result<void> only_parameters(const Request& request, Names known);

// `parameter-invalid` when it is there and does not read as what it should be. Durations are capped at `longest`.
Result<std::optional<Microseconds>> duration_parameter(const Request& request, std::string_view name,
                                                       Microseconds longest);
Result<std::optional<Time>> time_parameter(const Request& request, std::string_view name);
// 1 … limits::page_items; limits::page_items_default when absent.
Result<std::size_t> limit_parameter(const Request& request);

// The body as a JSON object with members of these names only. The codes of json::parse (with the limit `bytes` told as
// 413 limit-exceeded under `limit_name`), `body-missing`, `media-type` (415), `member-invalid`, `unknown-member`.
Result<json::Value> object_body(const Request& request, std::size_t bytes, std::string_view limit_name, Names known);

// `unknown-member` for a member that is not among them, `member-invalid` for what is no object; `pointer` names the
// object in the body.
Result<void> only_members(const json::Value& object, std::string_view pointer, Names known);

// Members of an object. Absent and null read as absent. `member-missing`, `member-invalid`; `limit-exceeded` (413) for
// a text longer than `most_bytes`.
Result<std::string> required_text(const json::Value& object, std::string_view pointer, std::string_view name,
                                  std::size_t most_bytes);
Result<std::string> optional_text(const json::Value& object, std::string_view pointer, std::string_view name,
                                  std::size_t most_bytes);  // absent: empty; there, it must not be empty
Result<std::optional<std::int64_t>> optional_integer(const json::Value& object, std::string_view pointer,
                                                     std::string_view name, std::int64_t least, std::int64_t most);
Result<std::span<const json::Value>> required_array(const json::Value& object, std::string_view pointer,
                                                    std::string_view name, std::size_t most_items);

Problem limit_exceeded(std::string_view limit_name, std::size_t most, std::string_view unit);  // 413

}  // namespace pawl::http
