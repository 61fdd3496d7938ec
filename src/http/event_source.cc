#include "http/event_source.h"

#include <curl/curl.h>

#include <algorithm>
#include <exception>
#include <memory>

namespace pawl::http {

namespace {

constexpr std::size_t refusal_bytes = 1 << 20;
constexpr std::chrono::milliseconds longest_turn{1'000};

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What curl's callback needs: the body of a refusal is kept, that of a stream is read.
struct Reading {
  CURL* easy;
  EventStream& stream;
  const std::function<bool(const ServerSentEvent&)>& then;
  std::chrono::steady_clock::time_point last_byte = std::chrono::steady_clock::now();
  std::string refusal = {};
  bool stopped = false;
  std::exception_ptr thrown = {};  // by `then`: it must not pass through curl
};

long status_of(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::size_t take(char* bytes, std::size_t, std::size_t count, void* place) {
  auto& reading = *static_cast<Reading*>(place);
  reading.last_byte = std::chrono::steady_clock::now();
  if (status_of(reading.easy) != 200) {
    reading.refusal.append(bytes, std::min(count, refusal_bytes - reading.refusal.size()));
    return count;
  }
  try {
    reading.stopped = !reading.stream.put({bytes, count}, reading.then);
  } catch (...) {
    reading.thrown = std::current_exception();
    reading.stopped = true;
  }
  return reading.stopped ? 0 : count;
}

std::unique_ptr<curl_slist, FreeList> headers_of(const EventSourceOptions& options, const EventStream& stream) {
  std::unique_ptr<curl_slist, FreeList> list;
  const auto append = [&](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
      static_cast<void>(list.release());
      list.reset(longer);
    }
  };
  append("Accept: text/event-stream");
  if (!options.token.empty()) append("Authorization: Bearer " + options.token);
  if (!stream.last_id().empty()) append("Last-Event-ID: " + stream.last_id());
  return list;
}

Problem no_answer(CURLcode code, const std::string& url) {
  const bool unsent = code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
                      code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
                      code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION;
  return {.status = 503,
          .code = unsent ? "unreachable" : "no-answer",
          .title = unsent ? "The server cannot be reached" : "The server did not answer",
          .detail = std::string(curl_easy_strerror(code)) + " (" + url + ")",
          .instance = url,
          .hint = {}};
}

// Turns until the transfer is over (its code), or somebody wants to end it before.
// Silence is measured here, since curl's own measure is bytes a second, of which signs of life are too few.
StreamEnd wait_for_end(CURLM* multi, const EventSourceOptions& options, const Reading& reading, CURLcode& code) {
  for (;;) {
    int running = 0;
    curl_multi_perform(multi, &running);
    if (running == 0) break;
    const auto now = std::chrono::steady_clock::now();
    if (now >= options.until) return StreamEnd::out_of_time;
    if (now >= reading.last_byte + options.silence) {
      code = CURLE_OPERATION_TIMEDOUT;
      return StreamEnd::by_server;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(options.until - now);
    curl_waitfd interruption{.fd = options.interruption, .events = CURL_WAIT_POLLIN, .revents = 0};
    const unsigned count = options.interruption >= 0 ? 1 : 0;
    const auto turn = std::min(longest_turn, left + std::chrono::milliseconds(1));
    curl_multi_poll(multi, &interruption, count, static_cast<int>(turn.count()), nullptr);
    if (interruption.revents != 0) return StreamEnd::interrupted;
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi, &left);
  code = message == nullptr ? CURLE_RECV_ERROR : message->data.result;
  return StreamEnd::by_server;
}

}  // namespace

Result<StreamOutcome> read_events(const EventSourceOptions& options, std::string_view target, EventStream& stream,
                                  const std::function<bool(const ServerSentEvent&)>& then) {
  const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
  const std::unique_ptr<CURLM, FreeMulti> multi(curl_multi_init());
  const auto headers = headers_of(options, stream);
  const std::string url = options.url.substr(0, options.url.find_last_not_of('/') + 1) + std::string(target);
  Reading reading{.easy = easy.get(), .stream = stream, .then = then};
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_time.count()));
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &reading);
  curl_multi_add_handle(multi.get(), easy.get());
  CURLcode code = CURLE_OK;
  StreamOutcome outcome{.end = wait_for_end(multi.get(), options, reading, code), .refusal = {}};
  curl_multi_remove_handle(multi.get(), easy.get());
  if (reading.thrown) std::rethrow_exception(reading.thrown);
  if (reading.stopped) outcome.end = StreamEnd::by_reader;
  if (outcome.end == StreamEnd::by_server && code != CURLE_OK) return fail(no_answer(code, url));
  outcome.refusal.status = outcome.end == StreamEnd::by_server ? static_cast<int>(status_of(easy.get())) : 200;
  outcome.refusal.body = std::move(reading.refusal);
  return outcome;
}

}  // namespace pawl::http
