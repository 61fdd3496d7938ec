#include "actions/curl_exchange.h"

#include <sys/socket.h>

#include <charconv>

namespace pawl::actions {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

CurlExchange::CurlExchange(ExchangeId exchange_id, HttpRequest http_request,
                           std::move_only_function<void(HttpOutcome)> call)
    : id(exchange_id), request(std::move(http_request)), then(std::move(call)) {}

void CurlExchange::begin(Easy easy, const CurlOptions& options) {
  easy_ = std::move(easy);
  options_ = &options;
  CURL* handle = easy_.get();
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_text_);
  curl_easy_setopt(handle, CURLOPT_URL, request.uri.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // none, whatever the environment says
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.limits.connect_time.count()));
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, before_sending);
  curl_easy_setopt(handle, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.certificates_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, options.certificates_file.c_str());
  }
  set_method_and_body();
  set_headers(options.user_agent);
}

void CurlExchange::set_method_and_body() {
  CURL* handle = easy_.get();
  if (request.method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  const bool expects_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || expects_body) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());  // not copied: `request` stays
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void CurlExchange::set_headers(const std::string& user_agent) {
  curl_slist* list = nullptr;
  const auto add = [&list](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list, line.c_str())) list = longer;
  };
  // A header without a value is written with a semicolon; with a colon libcurl would leave it out.
  for (const auto& [name, value] : request.headers) add(value.empty() ? name + ";" : name + ": " + value);
  add("Expect:");                                                           // no pause before a large body
  if (!find_header(request.headers, "Content-Type")) add("Content-Type:");  // libcurl would claim a form
  headers_.reset(list);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, list);
  if (!find_header(request.headers, "User-Agent")) {
    curl_easy_setopt(easy_.get(), CURLOPT_USERAGENT, user_agent.c_str());
  }
}

curl_socket_t CurlExchange::open_socket(void* place, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<CurlExchange*>(place);
  const auto bytes = address_bytes(address->addr);
  const auto refusal = bytes ? exchange.options_->guard.refusal(*bytes) : "not an Internet address";
  if (refusal) {
    exchange.refused_ = (bytes ? format_address(*bytes) + " is " : "it is ") + std::string(*refusal);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int CurlExchange::before_sending(void* place, char*, char*, int, int) {
  auto& exchange = *static_cast<CurlExchange*>(place);
  if (++exchange.sends_ > 1 && exchange.options_->sent_again != nullptr) exchange.options_->sent_again->add();
  return CURL_PREREQFUNC_OK;
}

std::size_t CurlExchange::take_header(char* bytes, std::size_t, std::size_t count, void* place) {
  auto& exchange = *static_cast<CurlExchange*>(place);
  exchange.header_bytes_ += count;
  if (exchange.header_bytes_ > exchange.options_->limits.header_bytes) {
    exchange.too_large_ = true;
    return 0;
  }
  const std::string_view line(bytes, count);
  if (line.starts_with("HTTP/")) {  // a new answer: the one before was informational
    exchange.response_ = {};
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) {
      std::from_chars(bytes + space + 1, bytes + count, exchange.response_.status);
    }
    return count;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.response_.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return count;
}

std::size_t CurlExchange::take_body(char* bytes, std::size_t, std::size_t count, void* place) {
  auto& exchange = *static_cast<CurlExchange*>(place);
  if (exchange.response_.body.size() + count > exchange.request.answer_bytes) {
    exchange.too_large_ = true;
    return 0;
  }
  exchange.response_.body.append(bytes, count);
  return count;
}

bool CurlExchange::was_sent() const {
  long bytes = 0;
  return easy_ != nullptr && curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK && bytes > 0;
}

HttpFailure CurlExchange::failure(HttpFailure::Kind kind, std::string detail) const {
  return {.kind = kind, .sent = was_sent(), .status = response_.status, .detail = std::move(detail)};
}

HttpFailure CurlExchange::timed_out() const {
  return failure(HttpFailure::Kind::timeout, easy_ == nullptr ? "no place for the call became free in time"
                                             : was_sent()     ? "the answer did not come in time"
                                                              : "no connection was made in time");
}

HttpOutcome CurlExchange::outcome(CURLcode code) const {
  using Kind = HttpFailure::Kind;
  const std::string why = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code);
  if (code == CURLE_OK) return response_;
  if (too_large_) {
    return std::unexpected(
        failure(Kind::too_large,
                header_bytes_ > options_->limits.header_bytes
                    ? "the answer's header is larger than " + std::to_string(options_->limits.header_bytes) + " bytes"
                    : "the answer is larger than " + std::to_string(request.answer_bytes) + " bytes"));
  }
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:  // also what libcurl says of an answer without a status line
      if (was_sent()) return std::unexpected(failure(Kind::lost, why));
      return std::unexpected(failure(Kind::invalid, "the URI cannot be called: " + why));
    case CURLE_COULDNT_RESOLVE_HOST:
      return std::unexpected(failure(Kind::name, why));
    case CURLE_COULDNT_CONNECT:
      if (!refused_.empty()) {
        return std::unexpected(failure(Kind::refused, "this server calls no such address: " + refused_));
      }
      return std::unexpected(failure(Kind::connection, why));
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return std::unexpected(failure(Kind::connection, "no TLS connection: " + why));
    case CURLE_OPERATION_TIMEDOUT:
      return std::unexpected(timed_out());
    default:
      return std::unexpected(failure(Kind::lost, why));
  }
}

}  // namespace pawl::actions
