// Following a redirection (RFC 9110 section 15.4).
#pragma once

#include <optional>

#include "actions/http_exchange.h"

namespace pawl::actions {

bool is_redirection(int status);  // 301, 302, 303, 307, 308

// The request to send next; nullopt when there is none (no Location, or one that is no http or https URI). 303, and 301
// and 302 to a POST, become a GET without body, as all clients do. Another origin (scheme, host or port) does not get
// the credentials: Authorization, Cookie, and whatever the URI carried.
std::optional<HttpRequest> redirected(const HttpRequest& request, const HttpResponse& response);

// scheme://host:port with the port always told; nullopt: no http or https URI.
std::optional<std::string> origin_of(std::string_view uri);

}  // namespace pawl::actions
