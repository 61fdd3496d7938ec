#include "bench/load.h"

#include <charconv>

#include "base/encoding.h"
#include "base/random.h"
#include "http/client.h"

namespace pawl::bench {
namespace {

std::string random_prefix() {
  std::array<std::uint8_t, 9> bytes{};
  fill_secret(bytes);
  return "bench-" + base64url(bytes) + "-";
}

}  // namespace

Result<http::LoadTarget> target_of(const Spec& spec) {
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
      .host = std::string(text.substr(0, colon)), .token = spec.token, .connections = spec.in_flight};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (error != std::errc() || end != port.data() + port.size()) return wrong();
  if (target.host == "localhost") target.host = "127.0.0.1";
  return target;
}

Result<void> deploy(const Spec& spec, std::string_view definition) {
  http::Client client({.url = spec.url, .token = spec.token});
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
  return {};
}

Starts::Starts(boost::asio::io_context& io, http::LoadClient& client, const Spec& spec, std::string definition,
               std::string output)
    : io_(io),
      client_(client),
      spec_(spec),
      definition_(std::move(definition)),
      expected_("\"output\":" + std::move(output)),
      key_prefix_(random_prefix()) {}

void Starts::begin(std::move_only_function<void()> finished) {
  finished_ = std::move(finished);
  const Steady::time_point now = Steady::now();
  const auto measured = std::chrono::seconds(spec_.seconds);
  measured_from_ = now + (spec_.count ? std::chrono::milliseconds(0) : warm_up(measured));
  until_ = measured_from_ + measured;
  for (std::uint32_t i = 0; i < spec_.in_flight && wants_more(); ++i) start_one();
}

bool Starts::wants_more() const { return spec_.count ? sent_ < *spec_.count : Steady::now() < until_; }

void Starts::start_one() {
  std::string body = R"({"definition":")" + definition_ + R"(","idempotencyKey":")" + key_prefix_ +
                     std::to_string(sent_) + R"(","input":{"n":)" + std::to_string(sent_) + "}}";
  ++sent_;
  ++open_;
  client_.send("POST", "/v1/runs?wait=30s", body,
               [this, sent = Steady::now()](int status, std::string_view text) { answered(sent, status, text); });
}

void Starts::answered(Steady::time_point sent, int status, std::string_view body) {
  const Steady::time_point now = Steady::now();
  --open_;
  const bool right = status == 200 && body.find(expected_) != std::string_view::npos &&
                     body.find(R"("status":"completed")") != std::string_view::npos;
  if (!right && first_failure_.empty())
    first_failure_ = std::to_string(status) + " " + std::string(body.substr(0, 500));
  if (now >= measured_from_ && (spec_.count || now < until_)) {
    right ? ++report_.done : ++report_.failed;
    if (right) report_.latencies.add(std::chrono::duration_cast<std::chrono::microseconds>(now - sent));
    last_answer_ = now;
  }
  if (wants_more()) {
    start_one();
  } else if (open_ == 0 && finished_) {
    std::exchange(finished_, nullptr)();
  }
}

Report Starts::report(std::string workload) {
  report_.workload = std::move(workload);
  report_.in_flight = spec_.in_flight;
  const auto end = spec_.count ? last_answer_ : until_;
  report_.seconds = std::chrono::duration<double>(end - measured_from_).count();
  return std::move(report_);
}

}  // namespace pawl::bench
