#include "expr/uri_template.h"

#include "expr/formats.h"
#include "json/write.h"

namespace pawl::expr {

std::expected<UriTemplate, SyntaxProblem> UriTemplate::compile(std::string_view text) {
  auto refuse = [](std::size_t offset, std::string message, std::string hint) {
    return std::unexpected(SyntaxProblem{
        .code = "uri-template", .message = std::move(message), .hint = std::move(hint), .offset = offset});
  };
  UriTemplate compiled;
  std::string literal;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '}') return refuse(at, "} without {", "write %7D for the character itself");
    if (text[at] != '{') {
      literal += text[at++];
      continue;
    }
    const std::size_t end = text.find_first_of("{}", at + 1);
    if (end == std::string_view::npos || text[end] == '{')
      return refuse(at, "{ without }", "write %7B for the character itself");
    if (end == at + 1) return refuse(at, "{} names nothing", "write the member's name between the braces");
    compiled.literals_.push_back(std::move(literal));
    compiled.names_.emplace_back(text.substr(at + 1, end - at - 1));
    literal.clear();
    at = end + 1;
  }
  compiled.literals_.push_back(std::move(literal));
  return compiled;
}

Result<std::string> UriTemplate::expand(const json::Value& input) const {
  std::string uri = literals_[0];
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const json::Value* member = input.find(names_[i]);
    if (member != nullptr && (member->is_array() || member->is_object())) {
      return fail({.status = 400,
                   .code = "expression",
                   .title = "The expression failed",
                   .detail = "{" + names_[i] + "} of a URI template is an " +
                             std::string(json::name_of(member->kind())) + ", which has no text",
                   .instance = {},
                   .hint = "take a string or a number, or write the URI as a program"});
    }
    if (member != nullptr && !member->is_null()) {
      const std::string text = member->is_string() ? std::string(member->text()) : json::to_text(*member);
      for (char c : text) append_percent_encoded(c, uri);
    }
    uri += literals_[i + 1];
  }
  return uri;
}

}  // namespace pawl::expr
