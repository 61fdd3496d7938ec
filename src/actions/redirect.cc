#include "actions/redirect.h"

#include <curl/curl.h>

#include <memory>

namespace pawl::actions {

namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::optional<std::string> part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return std::nullopt;
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_http(const Url& url) {
  const auto scheme = part(url, CURLUPART_SCHEME);
  return scheme == "http" || scheme == "https";
}

Url parse(std::string_view uri) {
  Url url(curl_url());
  const std::string text(uri);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK || !is_http(url)) return nullptr;
  return url;
}

bool is_credential(std::string_view name) {
  return equal_without_case(name, "Authorization") || equal_without_case(name, "Cookie") ||
         equal_without_case(name, "Proxy-Authorization");
}

bool describes_body(std::string_view name) {
  return name.size() > 8 && equal_without_case(name.substr(0, 8), "Content-");
}

}  // namespace

bool is_redirection(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::string> origin_of(std::string_view uri) {
  const Url url = parse(uri);
  if (!url) return std::nullopt;
  const auto scheme = part(url, CURLUPART_SCHEME);
  const auto host = part(url, CURLUPART_HOST);
  const auto port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!scheme || !host || !port) return std::nullopt;
  return *scheme + "://" + *host + ":" + *port;
}

std::optional<HttpRequest> redirected(const HttpRequest& request, const HttpResponse& response) {
  const auto location = find_header(response.headers, "Location");
  if (!is_redirection(response.status) || !location || location->empty()) return std::nullopt;
  Url url = parse(request.uri);
  if (!url) return std::nullopt;
  const std::string target(*location);
  // Relative to the request's URI; a fragment is not sent.
  if (curl_url_set(url.get(), CURLUPART_URL, target.c_str(), 0) != CURLUE_OK || !is_http(url)) return std::nullopt;
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);

  HttpRequest next = request;
  const auto uri = part(url, CURLUPART_URL);
  if (!uri) return std::nullopt;
  next.uri = *uri;
  const bool becomes_get =
      response.status == 303 ? request.method != "HEAD" : request.method == "POST" && response.status <= 302;
  if (becomes_get) {
    next.method = "GET";
    next.body.clear();
    std::erase_if(next.headers, [](const auto& header) { return describes_body(header.first); });
  }
  if (origin_of(request.uri) != origin_of(next.uri)) {
    std::erase_if(next.headers, [](const auto& header) { return is_credential(header.first); });
  }
  return next;
}

}  // namespace pawl::actions
