// What crosses between the HTTP server and those who answer: a request, a response, and the right to answer once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pawl::http {

// Header fields in order of arrival, kept in one text so that a message costs two allocations, not two a field.
// Names compare without case.
class Headers {
 public:
  struct Field {
    std::string_view name, value;
  };

  void add(std::string_view name, std::string_view value);
  std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
  std::size_t size() const { return entries_.size(); }
  Field operator[](std::size_t index) const;

 private:
  struct Entry {
    std::uint32_t begin, name_bytes, value_bytes;
  };
  std::string text_;
  std::vector<Entry> entries_;
};

bool equal_without_case(std::string_view a, std::string_view b);  // ASCII only, as header names are

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // as sent: methods are case-sensitive (RFC 9110 section 9.1)
  std::string path;    // still percent-encoded, without the query; begins with '/'
  QueryParameters query;
  Headers headers;
  std::string body;
  std::string remote_address;
  bool is_loopback = false;

  std::optional<std::string_view> parameter(std::string_view name) const;  // the first query parameter of that name
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no body is meant
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// One request that waits for its answer. The server implements it; tests put a recorder in its place.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void answer(Response response) = 0;
  virtual void abandon() = 0;  // nobody will answer: the client gets a 500
  virtual bool closed() const = 0;
  virtual void when_closed(std::move_only_function<void()> call) = 0;
  // For a BodyStream, which says what each means. A recorder of whole answers has no use for them.
  virtual void begin_stream(Response head) { answer(std::move(head)); }
  virtual void write(std::string_view) {}
  virtual std::size_t unsent_bytes() const { return 0; }
  virtual void when_drained(std::move_only_function<void()>) {}
  virtual void end_stream() {}
};

// The right to send one answer's body piece by piece, on the server's thread; dropping it ends the body. Where there
// was a Responder before. The connection carries nothing after it.
class BodyStream {
 public:
  explicit BodyStream(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  BodyStream(BodyStream&&) noexcept = default;
  BodyStream& operator=(BodyStream&&) = delete;
  ~BodyStream();

  // Whatever the client does not take at once is kept, without a bound: whoever writes looks at unsent_bytes(), and
  // writes on when that is drained. A client that takes nothing for ServerLimits::write_time is disconnected.
  void write(std::string_view bytes);
  std::size_t unsent_bytes() const { return exchange_->unsent_bytes(); }
  void when_drained(std::move_only_function<void()> call) { exchange_->when_drained(std::move(call)); }

  // The client has gone, or the server is stopping: the stream is to be dropped. `call` runs once, perhaps from within
  // write(), and not after the end.
  bool closed() const { return exchange_->closed(); }
  void when_closed(std::move_only_function<void()> call) { exchange_->when_closed(std::move(call)); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

// The right, and the duty, to answer one request: exactly once, on the server's thread, now or later. One that is
// dropped answers 500. Answering after the client has gone is allowed and does nothing.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  void operator()(Response response);  // at most once

  // True once the client has closed its side: an answer would most likely reach nobody.
  bool closed() const { return !exchange_ || exchange_->closed(); }

  // Instead of a response: its status and headers now, its body as it comes.
  BodyStream stream(Response head);

  // `call` runs once, on the server's thread, when the client closes before it was answered; never after the answer.
  void when_closed(std::move_only_function<void()> call) { exchange_->when_closed(std::move(call)); }

 private:
  std::shared_ptr<Exchange> exchange_;
};

using Handler = std::function<void(Request, Responder)>;

// Percent-decoding (RFC 3986 section 2.1); nullopt when a '%' is not followed by two hexadecimal digits.
// `plus_is_space`: in a query '+' stands for a space (the form encoding), in a path it does not.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

// Everything but RFC 3986's unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);

std::optional<QueryParameters> parse_query(std::string_view text);  // without the '?'; nullopt: bad encoding

std::string_view reason_phrase(int status);

}  // namespace pawl::http
