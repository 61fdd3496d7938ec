// One exchange inside CurlClient: the request's settings and the answer as it comes. Private to curl_client.cc.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actions/curl_client.h"

namespace pawl::actions {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

// Must not move while libcurl knows it: the callbacks hold its address.
class CurlExchange {
 public:
  CurlExchange(ExchangeId id, HttpRequest request, std::move_only_function<void(HttpOutcome)> then);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  void begin(Easy easy, const CurlOptions& options);
  // After libcurl's end of it.
  HttpOutcome outcome(CURLcode code) const;
  HttpFailure timed_out() const;

  CURL* easy() const { return easy_.get(); }
  Easy take_easy() { return std::move(easy_); }

  const ExchangeId id;
  const HttpRequest request;
  std::string origin;
  std::move_only_function<void(HttpOutcome)> then;

 private:
  static curl_socket_t open_socket(void* exchange, curlsocktype purpose, curl_sockaddr* address);
  static int before_sending(void* exchange, char*, char*, int, int);
  static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* exchange);
  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* exchange);

  void set_method_and_body();
  void set_headers(const std::string& user_agent);
  bool was_sent() const;
  HttpFailure failure(HttpFailure::Kind kind, std::string detail) const;

  Easy easy_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  const CurlOptions* options_ = nullptr;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::string refused_;  // the address that the guard refused last, and why
  bool too_large_ = false;
  unsigned sends_ = 0;
  char error_text_[CURL_ERROR_SIZE] = {};
};

}  // namespace pawl::actions
