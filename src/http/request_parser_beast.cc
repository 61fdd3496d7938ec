#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <string>

#include "http/request_parser.h"

namespace pawl::http {

namespace {

namespace beast = boost::beast;
using beast::error_code;

// A body that is announced gets its memory at once up to this; beyond it memory grows with what really arrives.
constexpr std::size_t body_reserve_bytes = 1 << 20;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Problem malformed(std::string detail) {
  return {.status = 400,
          .code = "malformed-request",
          .title = "The bytes sent are not an HTTP request",
          .detail = std::move(detail),
          .instance = {},
          .hint = {}};
}

}  // namespace

struct RequestParser::Message final : beast::http::basic_parser<true> {
  Message(std::size_t header_limit_bytes, std::size_t body_limit_bytes) {
    header_limit(static_cast<std::uint32_t>(header_limit_bytes));
    body_limit(body_limit_bytes);
    eager(true);
  }

  // What Beast lets pass and RFC 9112 forbids is refused here: it is how requests are smuggled past a proxy.
  void fail_with(Problem refusal, error_code& ec) {
    problem = std::move(refusal);
    ec = beast::http::error::bad_value;
  }

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target_text, int version,
                       error_code& ec) override {
    request.method = view(method);
    http_1_0 = version == 10;
    std::string_view target = view(target_text);
    if (target.starts_with("http://") || target.starts_with("https://")) {  // absolute form, section 3.2.2
      const std::size_t authority = target.find("//") + 2;
      const std::size_t slash = target.find_first_of("/?", authority);
      target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
    const std::size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (!request.path.starts_with('/') || target.contains('#')) {
      return fail_with(malformed("the request target is not a path"), ec);
    }
    if (question == std::string_view::npos) return;
    auto query = parse_query(target.substr(question + 1));
    if (!query) return fail_with(malformed("the query is not percent-encoded UTF-8"), ec);
    request.query = std::move(*query);
  }

  void on_field_impl(beast::http::field name, beast::string_view name_text, beast::string_view value,
                     error_code& ec) override {
    using beast::http::field;
    // Trailers come after the body, unseen by a proxy that looks at headers: nothing here needs them (RFC 9110 section
    // 6.5.1).
    if (is_header_done()) return;
    request.headers.add(view(name_text), view(value));
    if (name == field::host) {
      if (has_host) return fail_with(malformed("more than one Host header"), ec);
      has_host = true;
    } else if (name == field::authorization) {
      if (has_authorization) return fail_with(malformed("more than one Authorization header"), ec);
      has_authorization = true;
    } else if (name == field::transfer_encoding) {
      check_transfer_encoding(view(value), ec);
    } else if (name == field::content_encoding && !equal_without_case(view(value), "identity")) {
      fail_with({.status = 415,
                 .code = "media-type",
                 .title = "The body's coding is not taken here",
                 .detail = "it is " + std::string(view(value)),
                 .instance = {},
                 .hint = "send the body as it is, without Content-Encoding"},
                ec);
    } else if (name == field::expect) {
      if (!equal_without_case(view(value), "100-continue")) {
        Problem refusal = malformed("the only expectation understood is 100-continue");
        refusal.status = 417;
        return fail_with(std::move(refusal), ec);
      }
      wants_continue = true;
    }
  }

  void check_transfer_encoding(std::string_view value, error_code& ec) {
    // An older proxy would pass the body on and not know where it ends (RFC 9112 section 6.1).
    if (http_1_0) return fail_with(malformed("HTTP/1.0 has no Transfer-Encoding"), ec);
    if (equal_without_case(value, "chunked")) return;
    Problem refusal = malformed("the only transfer coding understood is chunked");
    refusal.status = 501;
    fail_with(std::move(refusal), ec);
  }

  void on_header_impl(error_code& ec) override {
    if (!has_host && !http_1_0) fail_with(malformed("the Host header is missing"), ec);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(std::min<std::size_t>(*length, body_reserve_bytes));
  }

  std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  // A line break in a quoted extension is the chunk's end to some, and to others not.
  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions, error_code& ec) override {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; };
    if (std::ranges::any_of(view(extensions), is_control)) fail_with(malformed("a control character in a chunk"), ec);
  }
  void on_finish_impl(error_code&) override {}

  Problem explain(const error_code& ec) const {
    using beast::http::error;
    if (ec == error::header_limit) {
      return {.status = 431,
              .code = "limit-exceeded",
              .title = "The request's header is too large",
              .detail = {},
              .instance = "header",
              .hint = {}};
    }
    if (ec == error::body_limit) {
      return {.status = 413,
              .code = "limit-exceeded",
              .title = "The request's body is too large",
              .detail = {},
              .instance = "body",
              .hint = {}};
    }
    return malformed(ec.message());
  }

  Request request;
  std::optional<Problem> problem;
  bool http_1_0 = false, has_host = false, has_authorization = false, wants_continue = false;
};

RequestParser::RequestParser(std::size_t header_limit_bytes, std::size_t body_limit_bytes)
    : message_(std::make_unique<Message>(header_limit_bytes, body_limit_bytes)),
      header_limit_bytes_(header_limit_bytes),
      body_limit_bytes_(body_limit_bytes) {}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::put(std::string_view bytes) {
  Message& message = *message_;
  if (message.problem || message.is_done()) return 0;
  std::size_t used = 0;
  // RFC 9112 section 2.2: empty lines before a request are skipped.
  if (!message.got_some()) {
    while (bytes.substr(used).starts_with("\r\n")) used += 2;
    if (bytes.substr(used) == "\r") return used;
  }
  error_code ec;
  while (used < bytes.size() && !message.is_done()) {
    const std::size_t taken = message.put({bytes.data() + used, bytes.size() - used}, ec);
    used += taken;
    if (ec == beast::http::error::need_more) break;
    if (ec) {
      if (!message.problem) {
        message.problem = message.explain(ec);
        if (message.problem->instance == "header") {
          message.problem->detail = "at most " + std::to_string(header_limit_bytes_) + " bytes";
        } else if (message.problem->instance == "body") {
          message.problem->detail = "at most " + std::to_string(body_limit_bytes_) + " bytes";
        }
      }
      break;
    }
    if (taken == 0) break;
  }
  return used;
}

RequestParser::State RequestParser::state() const {
  if (message_->problem) return State::failed;
  if (message_->is_done()) return State::complete;
  if (!message_->got_some()) return State::idle;
  return message_->is_header_done() ? State::body : State::header;
}

std::size_t RequestParser::body_bytes() const { return message_->request.body.size(); }

bool RequestParser::expects_continue() const {
  return message_->wants_continue && !message_->http_1_0 && message_->request.body.empty();
}

bool RequestParser::keeps_alive() const { return !message_->problem && message_->keep_alive(); }
bool RequestParser::is_http_1_0() const { return message_->http_1_0; }
const Problem& RequestParser::problem() const { return *message_->problem; }

Request RequestParser::take() {
  Request request = std::move(message_->request);
  message_ = std::make_unique<Message>(header_limit_bytes_, body_limit_bytes_);
  return request;
}

}  // namespace pawl::http
