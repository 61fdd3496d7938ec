// Routes that need to know who calls: every one of /v1.
#pragma once

#include <functional>

#include "base/uuid.h"
#include "http/routes.h"

namespace pawl::http {

using TenantHandler = std::function<void(const Uuid& tenant, Request, PathParameters, Responder)>;

// Calls `handler` with the tenant of the request's bearer token (RFC 6750 section 2.1). Answers 401 `unauthorized` when
// there is none, else what the authenticator says.
RouteHandler authenticated(Parts& parts, TenantHandler handler);

// The token of an Authorization header; empty when there is none of this scheme.
std::string_view bearer_token(const Request& request);

}  // namespace pawl::http
