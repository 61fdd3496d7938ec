// Fields that hold programs, by the classes of rule S6: expression, template, duration, URI. What is wrong is reported
// with the place of the string that holds it; the result then is a stand-in.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "dsl/context.h"
#include "dsl/scope.h"

namespace pawl::dsl {

// A string is an expression, an object a template: `set`, input.from, output.as, export.as, for.in (there an array).
using Data = std::variant<expr::Template, expr::Expression>;
using Endpoint = std::variant<expr::UriTemplate, expr::Expression>;

// Where a program stands: what it sees.
struct View {
  Site site;
  std::span<const std::string> locals;
};

std::optional<expr::Expression> read_expression(Context& context, const json::Value& value, const std::string& pointer,
                                                const View& view);
expr::Template read_template(Context& context, const json::Value& value, const std::string& pointer, const View& view);
Data read_data(Context& context, const json::Value& value, const std::string& pointer, const View& view);

// ISO 8601 text, an object such as {minutes: 5}, or an expression in braces.
Duration read_duration(Context& context, const json::Value& value, const std::string& pointer, const View& view);

// A URI template (rule S10) with the scheme http or https, or an expression in braces.
Endpoint read_endpoint(Context& context, const json::Value& value, const std::string& pointer, const View& view);

}  // namespace pawl::dsl
