#include "http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <thread>

namespace pawl::http {

namespace {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer != nullptr) static_cast<void>(list.release()), list.reset(longer);
}

struct Answer {
  Response response;
  std::size_t most_bytes;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* place) {
  auto& answer = *static_cast<Answer*>(place);
  if (answer.response.body.size() + count > answer.most_bytes) return 0;
  answer.response.body.append(bytes, count);
  return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* place) {
  Response& response = static_cast<Answer*>(place)->response;
  const std::string_view line(bytes, count);
  if (line.starts_with("HTTP/")) {
    response.headers.clear();  // a later answer: the one before was "100 Continue"
    return count;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return count;
  const std::size_t first = line.find_first_not_of(" \t", colon + 1);
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  const bool empty = first == std::string_view::npos || last < first;
  response.headers.emplace_back(line.substr(0, colon), empty ? "" : line.substr(first, last - first + 1));
  return count;
}

std::chrono::milliseconds pause_asked(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (!equal_without_case(name, "Retry-After")) continue;
    unsigned seconds = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), seconds).ec == std::errc{}) {
      return std::chrono::seconds(std::min(seconds, 3600u));
    }
  }
  return std::chrono::seconds(1);
}

bool nothing_was_sent(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT || code == CURLE_URL_MALFORMAT ||
         code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_SSL_CONNECT_ERROR ||
         code == CURLE_PEER_FAILED_VERIFICATION;
}

}  // namespace

struct Client::Session {
  ClientOptions options;
  std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};

  Result<Response> send_once(const std::string& method, const std::string& url, std::string_view body,
                             std::string_view content_type);
};

Client::Client(ClientOptions options) : session_(std::make_unique<Session>()) {
  while (options.url.ends_with('/')) options.url.pop_back();
  session_->options = std::move(options);
}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

Result<Response> Client::send(std::string_view method, std::string_view target, std::string_view body,
                              std::string_view content_type) {
  const ClientOptions& options = session_->options;
  const std::string url = options.url + std::string(target);
  for (unsigned attempt = 0;; ++attempt) {
    auto response = session_->send_once(std::string(method), url, body, content_type);
    const bool patient = response && (response->status == 429 || response->status == 503);
    if (!patient || attempt >= options.retries) return response;
    std::this_thread::sleep_for(std::min(pause_asked(*response), options.longest_pause));
  }
}

Result<Response> Client::Session::send_once(const std::string& method, const std::string& url, std::string_view body,
                                            std::string_view content_type) {
  CURL* handle = easy.get();
  curl_easy_reset(handle);
  Answer answer{.response = {}, .most_bytes = options.answer_bytes};
  HeaderList headers;
  if (!options.token.empty()) append(headers, "Authorization: Bearer " + options.token);
  // Without one curl would name that of a form, also for a body that is empty.
  if (!body.empty() || method == "POST") append(headers, "Content-Type: " + std::string(content_type));
  append(headers, "Expect:");  // no pause before a large body
  append(headers, "Accept: application/json");
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  if (method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_time.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.answer_time.count()));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) {
    const bool unsent = nothing_was_sent(code);
    return fail({.status = 503,
                 .code = unsent ? "unreachable" : "no-answer",
                 .title = unsent ? "The server cannot be reached" : "The server did not answer",
                 .detail = std::string(curl_easy_strerror(code)) + " (" + url + ")",
                 .instance = options.url,
                 .hint = unsent ? "is it running? PAWL_URL names it" : ""});
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  answer.response.status = static_cast<int>(status);
  const char* type = nullptr;
  curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) answer.response.content_type = type;
  return std::move(answer.response);
}

}  // namespace pawl::http
