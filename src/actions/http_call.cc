#include "actions/http_call.h"

#include <algorithm>
#include <map>

#include "actions/retry_after.h"
#include "base/encoding.h"
#include "core/errors.h"
#include "expr/formats.h"
#include "json/builder.h"
#include "json/parse.h"
#include "json/write.h"

namespace pawl::actions {

namespace {

using json::Value;
using ports::CallFailure;

constexpr std::size_t excerpt_bytes = 512;  // of an error's answer, in its detail

CallFailure failed(core::StandardError type, int status, std::string_view detail, core::Effect effect) {
  return {.error = json::without_member(core::make_error(type, status, detail, ""), "instance"),
          .effect = effect,
          .retry_after = std::nullopt};
}

std::unexpected<CallFailure> invalid(std::string detail) {
  return std::unexpected(failed(core::StandardError::validation, 400, detail, core::Effect::not_done));
}

bool is_token(std::string_view text) {  // RFC 9110 section 5.6.2
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.contains(c);
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

// A line break in a value would let data write headers.
bool is_header_value(std::string_view text) {
  return std::ranges::none_of(text,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

// What the connection itself decides; set by hand they would let one request be read as two.
bool is_reserved(std::string_view name) {
  static constexpr std::string_view names[] = {"Connection", "Content-Length",    "Expect",  "Host",   "Keep-Alive",
                                               "TE",         "Transfer-Encoding", "Trailer", "Upgrade"};
  return std::ranges::any_of(names, [&](std::string_view each) { return equal_without_case(each, name); });
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) expr::append_percent_encoded(c, out);
  return out;
}

bool is_scalar(const Value& value) { return !value.is_array() && !value.is_object(); }
std::string scalar_text(const Value& value) {
  return value.is_string() ? std::string(value.text()) : json::to_text(value);
}

// name=value&name=value of an object of scalars and of lists of scalars; nullopt when there is anything else in it.
std::optional<std::string> form_of(const Value& object) {
  std::string text;
  const auto add = [&](std::string_view name, const Value& value) {
    if (value.is_null()) return;
    (text += text.empty() ? "" : "&") += percent_encode(name) + "=" + percent_encode(scalar_text(value));
  };
  if (!object.is_object()) return std::nullopt;
  for (const json::Member& member : object.members()) {
    if (is_scalar(member.value)) {
      add(member.key(), member.value);
    } else if (member.value.is_array() && std::ranges::all_of(member.value.items(), is_scalar)) {
      for (const Value& each : member.value.items()) add(member.key(), each);
    } else {
      return std::nullopt;
    }
  }
  return text;
}

std::string with_query(std::string_view uri, std::string_view query) {
  const std::string_view before = uri.substr(0, uri.find('#'));
  if (query.empty()) return std::string(before);
  const std::size_t question = before.find('?');
  const bool joined = question != std::string_view::npos;
  const bool needs_mark = !joined || (question + 1 < before.size() && !before.ends_with('&'));
  return std::string(before) + (needs_mark ? joined ? "&" : "?" : "") + std::string(query);
}

// The media type without its parameters, in lower case.
std::string media_type(std::string_view content_type) {
  std::string media(content_type.substr(0, content_type.find_first_of("; \t")));
  std::ranges::transform(media, media.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return media;
}

bool is_json(std::string_view media) {
  return media == "application/json" || media == "text/json" || media.ends_with("+json");
}

std::expected<void, CallFailure> take_headers(const Value& given, HttpRequest& request) {
  if (given.is_null()) return {};
  if (!given.is_object()) return invalid("headers: an object is expected");
  for (const json::Member& member : given.members()) {
    if (member.value.is_null()) continue;
    const std::string name(member.key());
    if (!is_token(name) || is_reserved(name)) return invalid("headers: `" + name + "` cannot be set");
    if (!is_scalar(member.value)) return invalid("headers: the value of `" + name + "` is not a text");
    std::string value = scalar_text(member.value);
    if (!is_header_value(value)) return invalid("headers: the value of `" + name + "` has control characters");
    request.headers.emplace_back(name, std::move(value));
  }
  return {};
}

std::expected<void, CallFailure> take_body(const Value& body, HttpRequest& request) {
  if (body.is_null()) return {};
  const auto declared = find_header(request.headers, "Content-Type");
  const std::string media = declared ? media_type(*declared) : "";
  if (body.is_string()) {
    request.body = body.text();
    if (!declared) request.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  } else if (!declared || is_json(media)) {
    json::write(body, request.body);
    if (!declared) request.headers.emplace_back("Content-Type", "application/json");
  } else if (media == "application/x-www-form-urlencoded") {
    auto form = form_of(body);
    if (!form) return invalid("body: a form takes an object of scalars and of lists of them");
    request.body = std::move(*form);
  } else {
    return invalid("body: for the Content-Type " + media + " a text is expected");
  }
  return {};
}

const Value& member(const Value& object, std::string_view name) {
  static const Value absent;
  const Value* found = object.find(name);
  return found == nullptr ? absent : *found;
}

// Header fields as an object; of a field that came more than once the values are joined (RFC 9110 section 5.3).
Value header_object(const HeaderFields& headers, bool with_authorization) {
  std::map<std::string, std::string> joined;
  for (const auto& [name, value] : headers) {
    const std::string styled = header_style(name);
    if (!with_authorization && (styled == "Authorization" || styled == "Idempotency-Key")) continue;
    const auto [place, added] = joined.emplace(styled, value);
    if (!added) place->second += ", " + value;
  }
  json::ObjectBuilder object(joined.size());
  for (const auto& [name, value] : joined) object.add(name, value);
  return object.finish();
}

// ISO 8859-1, which HTTP once had as its default: each byte is the code point.
std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.append({static_cast<char>(0xc0 | (byte >> 6)), static_cast<char>(0x80 | (byte & 0x3f))});
    }
  }
  return out;
}

bool is_latin1(std::string_view content_type) {
  static constexpr std::string_view parameter = "charset=";
  const std::size_t at = content_type.find(parameter);
  return at != std::string_view::npos && media_type(content_type.substr(at + parameter.size())) == "iso-8859-1";
}

bool is_storable_text(std::string_view text) { return !text.contains('\0') && is_utf8(text); }

// The answer's body as a value, by its media type; a text says what is wrong with it.
std::expected<Value, std::string> content_of(const HttpResponse& response) {
  const std::string_view type = find_header(response.headers, "Content-Type").value_or("");
  const std::string media = media_type(type);
  if (is_json(media)) {
    if (response.body.find_first_not_of(" \t\r\n") == std::string::npos) return Value();
    auto value = json::parse(response.body, {.bytes = limits::output_bytes});
    if (value) return std::move(*value);
    return std::unexpected("the answer's JSON cannot be read: " + value.error().title +
                           (value.error().detail.empty() ? "" : ", " + value.error().detail));
  }
  if (media.starts_with("text/")) {
    const std::string text = is_latin1(type) ? from_latin1(response.body) : response.body;
    if (!is_storable_text(text)) return std::unexpected("the answer's text is not UTF-8 or holds U+0000");
    return Value(text);
  }
  if (media.empty() && response.body.empty()) return Value();
  return Value(base64(response.body));
}

std::string excerpt(const HttpResponse& response) {
  std::string_view text = std::string_view(response.body).substr(0, excerpt_bytes);
  // Not in the middle of a character.
  for (int i = 0; i < 4 && !text.empty() && !is_utf8(text); ++i) text.remove_suffix(1);
  const bool printable = is_storable_text(text) && std::ranges::none_of(text, [](char c) {
                           return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
                         });
  if (text.empty() || !printable) return {};
  return ": " + std::string(text) + (text.size() < response.body.size() ? "…" : "");
}

// Rule C3. A redirection that nobody followed tells nothing (303 follows work that was done).
core::Effect effect_of(int status) {
  return status >= 400 && status < 500 && status != 408 ? core::Effect::not_done : core::Effect::unknown;
}

}  // namespace

std::string header_style(std::string_view name) {
  std::string out(name);
  bool first = true;
  for (char& c : out) {
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!first && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    first = c == '-';
  }
  return out;
}

std::expected<HttpCall, CallFailure> make_http_call(const Value& with, std::string_view idempotency_key) {
  HttpCall call;
  HttpRequest& request = call.request;
  request.method = member(with, "method").text();
  std::ranges::transform(request.method, request.method.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (!is_token(request.method) || request.method == "CONNECT" || request.method == "TRACE") {
    return invalid("method: `" + request.method + "` cannot be sent");
  }
  const Value& query = member(with, "query");
  const auto form = query.is_null() ? std::string() : form_of(query);
  if (!form) return invalid("query: an object of scalars and of lists of them is expected");
  request.uri = with_query(member(with, "endpoint").text(), *form);
  if (auto taken = take_headers(member(with, "headers"), request); !taken) return std::unexpected(taken.error());
  if (auto taken = take_body(member(with, "body"), request); !taken) return std::unexpected(taken.error());
  if (!idempotency_key.empty() && !find_header(request.headers, "Idempotency-Key")) {
    request.headers.emplace_back("Idempotency-Key", idempotency_key);
  }
  const std::string_view output = member(with, "output").text();
  if (output == "response") {
    call.output = HttpCall::Output::response;
  } else if (output == "raw") {
    call.output = HttpCall::Output::raw;
  } else if (!output.empty() && output != "content") {
    return invalid("output: `" + std::string(output) + "` is none of content, response and raw");
  }
  call.follow_redirects = member(with, "redirect").boolean();
  return call;
}

ports::CallOutcome outcome_of(const HttpCall& call, const HttpResponse& response, Time now) {
  const int status = response.status;
  const bool success = (status >= 200 && status < 300) || (call.follow_redirects && status >= 300 && status < 400);
  if (!success) {
    CallFailure failure =
        failed(core::StandardError::communication, status,
               "the answer's status is " + std::to_string(status) + excerpt(response), effect_of(status));
    if (const auto wait = find_header(response.headers, "Retry-After")) {
      failure.retry_after = parse_retry_after(*wait, now);
    }
    return failure;
  }
  if (call.output == HttpCall::Output::raw) return Value(base64(response.body));
  auto content = content_of(response);
  if (!content) return failed(core::StandardError::communication, 500, content.error(), core::Effect::unknown);
  if (call.output == HttpCall::Output::content) return std::move(*content);
  for (const auto& [name, value] : response.headers) {
    if (!is_storable_text(value)) {
      return failed(core::StandardError::communication, 500, "the answer's header " + name + " is not UTF-8",
                    core::Effect::unknown);
    }
  }
  json::ObjectBuilder request(3);
  request.add("method", call.request.method);
  request.add("uri", call.request.uri);
  request.add("headers", header_object(call.request.headers, false));
  json::ObjectBuilder whole(4);
  whole.add("request", request.finish());
  whole.add("statusCode", Value::integer(status));
  whole.add("headers", header_object(response.headers, true));
  whole.add("content", std::move(*content));
  return whole.finish();
}

CallFailure failure_of(const HttpFailure& failure) {
  if (failure.kind == HttpFailure::Kind::invalid) {
    return failed(core::StandardError::validation, 400, failure.detail, core::Effect::not_done);
  }
  const bool redirects = failure.kind == HttpFailure::Kind::redirects;
  const int status = redirects ? failure.status : failure.kind == HttpFailure::Kind::overloaded ? 503 : 500;
  return failed(core::StandardError::communication, status, failure.detail,
                failure.sent ? core::Effect::unknown : core::Effect::not_done);
}

}  // namespace pawl::actions
