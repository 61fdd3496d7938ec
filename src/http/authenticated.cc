#include "http/authenticated.h"

#include <memory>

#include "access/authenticator.h"
#include "http/problem.h"

namespace pawl::http {

namespace {

Problem token_missing() {
  return {.status = 401,
          .code = "unauthorized",
          .title = "This needs a token",
          .detail = {},
          .instance = {},
          .hint = "send Authorization: Bearer <token>; `pawl token create` makes one"};
}

}  // namespace

std::string_view bearer_token(const Request& request) {
  static constexpr std::string_view scheme = "Bearer ";
  const std::string_view value = request.headers.find("Authorization").value_or("");
  if (value.size() <= scheme.size() || !equal_without_case(value.substr(0, scheme.size()), scheme)) return {};
  const std::string_view token = value.substr(scheme.size());
  return token.substr(std::min(token.find_first_not_of(' '), token.size()));
}

RouteHandler authenticated(Parts& parts, TenantHandler handler) {
  const auto shared = std::make_shared<const TenantHandler>(std::move(handler));
  return [&parts, shared](Request request, PathParameters parameters, Responder respond) {
    const std::string token(bearer_token(request));
    if (token.empty()) return respond(problem_response(token_missing()));
    parts.authenticator.authenticate(token, [shared, request = std::move(request), parameters = std::move(parameters),
                                             respond = std::move(respond)](Result<access::Caller> caller) mutable {
      if (!caller) return respond(problem_response(caller.error()));
      (*shared)(caller->tenant, std::move(request), std::move(parameters), std::move(respond));
    });
  };
}

}  // namespace pawl::http
