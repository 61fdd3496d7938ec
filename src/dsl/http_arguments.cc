#include "dsl/http_arguments.h"

#include <algorithm>
#include <array>

#include "dsl/suggest.h"

namespace pawl::dsl {
namespace {

// A token of RFC 9110 section 5.6.2: a method, a header's name.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool has_line_break(std::string_view text) { return text.find_first_of("\r\n") != text.npos; }

void check_method(Context& context, const json::Value& method, const std::string& pointer) {
  if (!expect_string(context, method, pointer, "a method")) return;
  if (expr::braced(method.text()) || is_token(method.text())) return;
  context.problems.error("invalid-value", pointer, "this is no HTTP method", "for example get or post");
}

// Headers and query: an object of texts, or one expression.
void check_texts(Context& context, const json::Value& with, std::string_view name, const std::string& pointer) {
  const json::Value* texts = with.find(name);
  if (texts == nullptr) return;
  const std::string place = json::append_pointer(pointer, name);
  if (texts->is_string() && expr::braced(texts->text())) return;
  if (!expect_object(context, *texts, place, "an object or an expression in braces")) return;
  for (const json::Member& member : texts->members()) {
    const std::string at = json::append_pointer(place, member.key());
    const bool is_text = expect_string(context, member.value, at, "a text");
    if (name != "headers") continue;
    if (!is_token(member.key())) {
      context.problems.error("invalid-value", at, "this is no name of a header", "", Part::key);
    } else if (is_text && !expr::braced(member.value.text()) && has_line_break(member.value.text())) {
      context.problems.error("invalid-value", at, "a header's value cannot hold a line break");
    }
  }
}

void check_output(Context& context, const json::Value& with, const std::string& pointer) {
  static constexpr std::array<std::string_view, 3> formats{"raw", "content", "response"};
  const json::Value* output = with.find("output");
  const std::string place = json::append_pointer(pointer, "output");
  if (output == nullptr || !expect_string(context, *output, place, "raw, content or response")) return;
  if (std::ranges::find(formats, output->text()) != formats.end()) return;
  std::string hint = did_you_mean(output->text(), formats);
  context.problems.error("invalid-value", place, "the output is raw, content or response", std::move(hint));
}

// The endpoint is a URI itself, or an object that holds one.
std::optional<Endpoint> read_endpoint_member(Context& context, const json::Value& endpoint, const std::string& pointer,
                                             const View& view) {
  static constexpr std::array<std::string_view, 1> known{"uri"};
  static constexpr std::array<std::string_view, 1> later{"authentication"};
  if (!endpoint.is_object()) return read_endpoint(context, endpoint, pointer, view);
  check_members(context, endpoint, pointer, {known, later});
  const json::Value* uri = require(context, endpoint, pointer, "uri");
  if (uri == nullptr) return std::nullopt;
  return read_endpoint(context, *uri, json::append_pointer(pointer, "uri"), view);
}

}  // namespace

std::optional<HttpCall> read_http(Context& context, const Reading& reading) {
  static constexpr std::array<std::string_view, 7> known{"method", "endpoint", "headers", "body",
                                                         "query",  "output",   "redirect"};
  const json::Value* with = require(context, reading.definition, reading.reference, "with");
  const std::string pointer = reading.at("with");
  if (with == nullptr || !check_members(context, *with, pointer, {known})) return std::nullopt;
  const View view = reading.view(Site::work);
  if (const json::Value* method = require(context, *with, pointer, "method")) {
    check_method(context, *method, json::append_pointer(pointer, "method"));
  }
  check_texts(context, *with, "headers", pointer);
  check_texts(context, *with, "query", pointer);
  check_output(context, *with, pointer);
  if (const json::Value* redirect = with->find("redirect"); redirect != nullptr && !redirect->is_boolean()) {
    wrong_type(context, *redirect, json::append_pointer(pointer, "redirect"), "true or false");
  }
  const json::Value* address = require(context, *with, pointer, "endpoint");
  auto endpoint = address == nullptr
                      ? std::nullopt
                      : read_endpoint_member(context, *address, json::append_pointer(pointer, "endpoint"), view);
  expr::Template rest = read_template(context, json::without_member(*with, "endpoint"), pointer, view);
  if (!endpoint) return std::nullopt;
  return HttpCall{std::move(rest), std::move(*endpoint)};
}

}  // namespace pawl::dsl
