#include "bench/load.h"

#include <charconv>

#include "base/encoding.h"
#include "base/random.h"
#include "http/client.h"

namespace pawl::bench {

std::string random_name() {
  std::array<std::uint8_t, 9> bytes{};
  fill_secret(bytes);
  return "bench-" + base64url(bytes);
}

std::unexpected<Problem> not_right(std::string detail) {
  return fail({.status = 500,
               .code = "bench-failed",
               .title = "A run did not complete",
               .detail = std::move(detail),
               .instance = {},
               .hint = {}});
}

Result<http::LoadTarget> target_of(const Spec& spec, std::size_t connections) {
  std::string_view text = spec.url;
  const auto wrong = [&] {
    return fail(Problem{.status = 400,
                        .code = "usage",
                        .title = "Not an address to measure",
                        .detail = spec.url,
                        .instance = {},
                        .hint = "give it as --url http://127.0.0.1:PORT"});
  };
  constexpr std::string_view scheme = "http://";
  if (!text.starts_with(scheme)) return wrong();
  text.remove_prefix(scheme.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  http::LoadTarget target{
      .host = std::string(text.substr(0, colon)), .token = spec.tokens.front(), .connections = connections};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (error != std::errc() || end != port.data() + port.size()) return wrong();
  if (target.host == "localhost") target.host = "127.0.0.1";
  return target;
}

Result<void> deploy(const Spec& spec, std::string_view definition) {
  for (const std::string& token : spec.tokens) {
    http::Client client({.url = spec.url, .token = token});
    const auto answer = client.send("POST", "/v1/definitions", definition, "application/yaml");
    if (!answer) return fail(answer.error());
    if (answer->status >= 400) {
      return fail({.status = answer->status,
                   .code = "bench-failed",
                   .title = "The workload could not be deployed",
                   .detail = answer->body.substr(0, 500),
                   .instance = {},
                   .hint = {}});
    }
  }
  return {};
}

Starts::Starts(boost::asio::io_context& io, http::LoadClient& client, const Spec& spec, Starting starting)
    : client_(client), spec_(spec), starting_(std::move(starting)), timer_(io) {}

void Starts::begin(std::move_only_function<void()> finished) {
  finished_ = std::move(finished);
  const Steady::time_point now = Steady::now();
  const auto measured = std::chrono::seconds(spec_.seconds);
  measured_from_ = now + (spec_.count ? std::chrono::milliseconds(0) : warm_up(measured));
  until_ = measured_from_ + measured;
  due_ = now;
  if (spec_.rate) return start_due();
  for (std::uint32_t i = 0; i < spec_.in_flight && wants_more(); ++i) start_one(now);
}

bool Starts::wants_more() const { return spec_.count ? sent() < *spec_.count : Steady::now() < until_; }

void Starts::start_due() {
  const auto pause = std::chrono::nanoseconds(1'000'000'000 / *spec_.rate);
  for (const Steady::time_point now = Steady::now(); due_ <= now && wants_more(); due_ += pause) start_one(due_);
  if (!wants_more()) return end_if_answered();
  timer_.expires_at(due_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) start_due();
  });
}

void Starts::start_one(Steady::time_point due) {
  const std::uint64_t n = sent();
  const std::string number = std::to_string(n);
  std::string body = R"({"definition":")" + starting_.definition + R"(","idempotencyKey":")" + key_prefix_ + number;
  if (!starting_.queue.empty()) body += R"(","queue":")" + starting_.queue;
  body += R"(","input":{"n":)" + number + "}}";
  began_.push_back(due);
  ++open_;
  client_.send(
      "POST", starting_.output == nullptr ? "/v1/runs" : "/v1/runs?wait=30s", body,
      [this, n](int status, std::string_view text) { answered(n, status, text); },
      spec_.tokens[n % spec_.tokens.size()]);
}

bool Starts::is_right(std::uint64_t n, int status, std::string_view body) const {
  if (starting_.output == nullptr) return status == 202;
  return status == 200 && body.find("\"output\":" + starting_.output(n)) != std::string_view::npos &&
         body.find(R"("status":"completed")") != std::string_view::npos;
}

void Starts::judge(std::uint64_t n, int status, std::string_view body, Steady::time_point now) {
  if (status == 429 && starting_.may_be_refused) {
    ++refused_;
    return;
  }
  const bool right = is_right(n, status, body);
  if (right) {
    ++right_;
    if (answered_by_run_) answered_by_run_(n, now);
  } else if (first_failure_.empty()) {
    first_failure_ = std::to_string(status) + " " + std::string(body.substr(0, 500));
  }
  if (!is_measured(now)) return;
  right ? ++report_.done : ++report_.failed;
  if (right) report_.latencies.add(between(began_[n], now));
  last_answer_ = now;
}

void Starts::answered(std::uint64_t n, int status, std::string_view body) {
  --open_;
  judge(n, status, body, Steady::now());
  if (wants_more() && status != 0) {  // 0: the connection is gone, and each new request would be answered so
    if (!spec_.rate) start_one(Steady::now());
  } else {
    end_if_answered();
  }
}

void Starts::end_if_answered() {
  if (open_ > 0 || !finished_) return;
  timer_.cancel();
  std::exchange(finished_, nullptr)();
}

Report Starts::report(std::string workload) {
  report_.workload = std::move(workload);
  report_.in_flight = spec_.in_flight;
  const auto end = spec_.count ? last_answer_ : until_;
  report_.seconds = std::chrono::duration<double>(end - measured_from_).count();
  return std::move(report_);
}

}  // namespace pawl::bench
