#include "actions/transport_curl.h"

#include "gtest/gtest.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <optional>

#include "actions/canned_server_test.h"
#include "json/parse.h"

namespace pawl::actions {
namespace {

using namespace std::chrono_literals;
using json::Value;
using ports::CallFailure;

class TransportTest : public ::testing::Test {
 protected:
  TransportTest() { std::signal(SIGPIPE, SIG_IGN); }
  void make(CurlLimits limits = {}, std::vector<AddressRange> allowed = loopback_ranges(),
            std::chrono::milliseconds time = 10s, std::string certificates = {}) {
    transport.emplace(context,
                      TransportOptions{.http = {.guard = AddressGuard(std::move(allowed)),
                                                .limits = limits,
                                                .certificates_file = std::move(certificates)},
                                       .call_time = time},
                      metrics);
  }
  ports::CallId begin(std::string_view uri, std::string_view more, std::function<void(ports::CallOutcome)> then) {
    const std::string with = R"({"method":"GET","endpoint":")" + std::string(uri) + "\"" + std::string(more) + "}";
    return transport->call({.action = "http", .with = *json::parse(with), .idempotency_key = "the-key"},
                           std::move(then));
  }
  ports::CallOutcome call(std::string_view uri, std::string_view more = "") {
    if (!transport) make();
    std::optional<ports::CallOutcome> outcome;
    begin(uri, more, [&](ports::CallOutcome given) { outcome = std::move(given); });
    EXPECT_FALSE(outcome.has_value());  // never before call() returned
    run_until([&] { return outcome.has_value(); });
    return outcome ? std::move(*outcome) : ports::CallOutcome(Value("nothing came"));
  }
  CallFailure failure(std::string_view uri, std::string_view more = "") {
    auto outcome = call(uri, more);
    EXPECT_TRUE(std::holds_alternative<CallFailure>(outcome));
    return std::holds_alternative<CallFailure>(outcome) ? std::get<CallFailure>(outcome) : CallFailure{};
  }
  static std::string detail(const CallFailure& failure) { return std::string(failure.error.find("detail")->text()); }

  template <class Condition>
  void run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(1s);
    }
    EXPECT_TRUE(condition());
  }

  boost::asio::io_context context;
  Metrics metrics;
  std::optional<CurlTransport> transport;
};

TEST_F(TransportTest, SendsTheKeyAndReusesTheConnection) {
  CannedServer server([](const std::string&) { return ok("fine"); });
  EXPECT_EQ(std::get<Value>(call(server.url("/a"))), Value("fine"));
  EXPECT_EQ(std::get<Value>(call(server.url("/b"), R"(,"method":"POST","body":{"x":1})")), Value("fine"));
  EXPECT_EQ(server.connections(), 1u);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_TRUE(requests[0].starts_with("GET /a HTTP/1.1\r\n")) << requests[0];
  EXPECT_TRUE(requests[0].contains("Idempotency-Key: the-key\r\n"));
  EXPECT_FALSE(requests[0].contains("Content-Type")) << requests[0];
  EXPECT_TRUE(requests[1].ends_with("\r\n\r\n{\"x\":1}")) << requests[1];
  EXPECT_TRUE(requests[1].contains("Content-Type: application/json\r\n"));
  EXPECT_TRUE(metrics.expose().contains("pawl_http_calls_total{outcome=\"success\"} 2"));
}

// A service that ends an idle connection does not know that a request is on its way; it may also have read it. The key
// is the same, so that it can tell.
TEST_F(TransportTest, ARequestThatAReusedConnectionSwallowedIsSentAgainAndCounted) {
  int swallowed = 0;
  CannedServer server([&](const std::string& request) {
    return request.starts_with("POST") && swallowed++ == 0 ? std::string() : ok("fine");
  });
  EXPECT_EQ(std::get<Value>(call(server.url("/a"))), Value("fine"));
  EXPECT_TRUE(metrics.expose().contains("pawl_http_calls_sent_again_total 0\n"));
  EXPECT_EQ(std::get<Value>(call(server.url("/b"), R"(,"method":"POST","body":{"x":1})")), Value("fine"));
  EXPECT_EQ(server.connections(), 2u);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[1], requests[2]);
  EXPECT_TRUE(requests[2].contains("Idempotency-Key: the-key\r\n"));
  EXPECT_TRUE(metrics.expose().contains("pawl_http_calls_sent_again_total 1\n"));
}

TEST_F(TransportTest, ARequestThatANewConnectionSwallowedIsNot) {
  CannedServer server([](const std::string&) { return std::string(); });
  EXPECT_EQ(failure(server.url(), R"(,"method":"POST","body":{"x":1})").effect, core::Effect::unknown);
  EXPECT_EQ(server.requests().size(), 1u);
  EXPECT_TRUE(metrics.expose().contains("pawl_http_calls_sent_again_total 0\n"));
}

TEST_F(TransportTest, TheEnvironmentsProxyIsNotAsked) {
  CannedServer server([](const std::string&) { return ok("direct"); });
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(std::get<Value>(call(server.url())), Value("direct"));
  unsetenv("http_proxy");
}

TEST_F(TransportTest, RefusesAddressesThatAreNotAllowed) {
  CannedServer server([](const std::string&) { return ok("inside"); });
  make({}, {});
  const std::string port = std::to_string(server.port());
  for (const std::string host :
       {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0x7f000001", "2130706433"}) {
    const CallFailure refused = failure("http://" + host + ":" + port + "/");
    EXPECT_TRUE(detail(refused).contains("calls no such address")) << host << ": " << detail(refused);
    EXPECT_EQ(refused.effect, core::Effect::not_done);
  }
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(TransportTest, TellsWhatWasNotSent) {
  const CallFailure closed = failure("http://127.0.0.1:1/");
  EXPECT_EQ(closed.effect, core::Effect::not_done);
  EXPECT_EQ(closed.error.find("status")->integer(), 500);
  EXPECT_EQ(failure("http://no-such-host.invalid/").effect, core::Effect::not_done);
  EXPECT_EQ(failure("ftp://127.0.0.1/").error.find("status")->integer(), 400);
  EXPECT_EQ(failure("http://127.0.0.1:99999/").error.find("status")->integer(), 400);
}

TEST_F(TransportTest, OtherActionsAreAConfigurationError) {
  make();
  std::optional<ports::CallOutcome> outcome;
  transport->call({.action = "grpc", .with = Value::object(), .idempotency_key = "k"},
                  [&](ports::CallOutcome given) { outcome = std::move(given); });
  run_until([&] { return outcome.has_value(); });
  EXPECT_TRUE(std::get<CallFailure>(*outcome).error.find("type")->text().ends_with("/errors/configuration"));
}

TEST_F(TransportTest, LostConnectionsAreUnknown) {
  CannedServer silent([](const std::string&) { return ""; });
  EXPECT_EQ(failure(silent.url()).effect, core::Effect::unknown);
  CannedServer cut([](const std::string&) { return "close:HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"; });
  EXPECT_EQ(failure(cut.url()).effect, core::Effect::unknown);
  CannedServer garbage([](const std::string&) { return "close:hello, this is not HTTP\r\n\r\n"; });
  EXPECT_EQ(failure(garbage.url()).effect, core::Effect::unknown);
}

TEST_F(TransportTest, TimesOut) {
  CannedServer server([](const std::string&) { return "hold"; });
  make({}, loopback_ranges(), 100ms);
  const CallFailure late = failure(server.url());
  EXPECT_EQ(late.effect, core::Effect::unknown);
  EXPECT_EQ(detail(late), "the answer did not come in time");
}

TEST_F(TransportTest, BoundsTheAnswer) {
  const std::string most(limits::output_bytes, 'x');
  CannedServer server([&](const std::string& request) {
    if (request.contains("/most")) return ok(most);
    if (request.contains("/more")) return ok(most + "x");
    return "HTTP/1.1 200 OK\r\nX: " + std::string(70 << 10, 'h') + "\r\nContent-Length: 0\r\n\r\n";
  });
  EXPECT_EQ(std::get<Value>(call(server.url("/most"))).text().size(), most.size());
  const CallFailure large = failure(server.url("/more"));
  EXPECT_TRUE(detail(large).contains("larger than 1048576 bytes")) << detail(large);
  EXPECT_EQ(large.effect, core::Effect::unknown);
  EXPECT_TRUE(detail(failure(server.url("/header"))).contains("larger than")) << "header";
}

TEST_F(TransportTest, RedirectionsAreErrorsUnlessAskedFor) {
  CannedServer server([](const std::string& request) -> std::string {
    if (request.starts_with("GET /end ")) return ok("end");
    return "HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n";
  });
  const CallFailure failed = failure(server.url("/begin"));
  EXPECT_EQ(failed.error.find("status")->integer(), 302);
  EXPECT_EQ(std::get<Value>(call(server.url("/begin"), R"(,"redirect":true)")), Value("end"));
}

TEST_F(TransportTest, FollowsFiveRedirectionsAndNoMore) {
  CannedServer server([](const std::string& request) -> std::string {
    const int left = std::stoi(request.substr(5));
    if (left == 0) return ok("end");
    return "HTTP/1.1 307 Temporary Redirect\r\nLocation: /" + std::to_string(left - 1) +
           "\r\nContent-Length: 0\r\n\r\n";
  });
  EXPECT_EQ(std::get<Value>(call(server.url("/5"), R"(,"redirect":true)")), Value("end"));
  const CallFailure failed = failure(server.url("/6"), R"(,"redirect":true)");
  EXPECT_EQ(failed.error.find("status")->integer(), 307);
  EXPECT_TRUE(detail(failed).contains("more than 5"));
}

TEST_F(TransportTest, ARedirectionDoesNotLeadInsideNorTakeCredentialsAlong) {
  CannedServer other([](const std::string&) { return ok("other"); });
  CannedServer server([&](const std::string& request) {
    const std::string target = request.starts_with("GET /inside") ? "http://10.0.0.1/" : other.url("/there");
    return "HTTP/1.1 302 Found\r\nLocation: " + target + "\r\nContent-Length: 0\r\n\r\n";
  });
  const CallFailure refused = failure(server.url("/inside"), R"(,"redirect":true)");
  EXPECT_TRUE(detail(refused).contains("10.0.0.1 is a private address")) << detail(refused);
  EXPECT_EQ(refused.effect, core::Effect::unknown);  // the first request did arrive
  EXPECT_EQ(std::get<Value>(
                call(server.url("/out"), R"(,"redirect":true,"headers":{"Authorization":"secret","X-Other":"1"})")),
            Value("other"));
  EXPECT_TRUE(server.requests().back().contains("Authorization: secret"));
  EXPECT_FALSE(other.requests().back().contains("secret"));
  EXPECT_TRUE(other.requests().back().contains("X-Other: 1"));
}

TEST_F(TransportTest, ReadsRetryAfter) {
  CannedServer server(
      [](const std::string&) { return "HTTP/1.1 503 Busy\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n"; });
  EXPECT_EQ(failure(server.url()).retry_after, 9s);
}

TEST_F(TransportTest, AnAbortedCallIsNeverAnswered) {
  CannedServer server([](const std::string& request) { return request.contains("/hold") ? "hold" : ok("next"); });
  make({.exchanges = 1});
  int answers = 0;
  const auto held = begin(server.url("/hold"), "", [&](ports::CallOutcome) { ++answers; });
  const auto waiting = begin(server.url("/wait"), "", [&](ports::CallOutcome) { ++answers; });
  run_until([&] { return server.requests().size() == 1; });
  transport->abort(waiting);
  transport->abort(held);
  transport->abort(held);
  transport->abort(12'345);
  EXPECT_EQ(std::get<Value>(call(server.url("/last"))), Value("next"));  // the place is free again
  EXPECT_EQ(answers, 0);
}

TEST_F(TransportTest, BoundsWhatIsOnTheWireAndWhatWaits) {
  std::atomic<int> at_once = 0, most = 0;
  CannedServer server([&](const std::string&) {
    const int now = ++at_once;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {}
    std::this_thread::sleep_for(2ms);
    --at_once;
    return ok("x");
  });
  make({.exchanges = 8, .exchanges_per_origin = 3, .waiting = 20});
  int succeeded = 0, overloaded = 0;
  for (int i = 0; i < 40; ++i) {
    begin(server.url(), "", [&](ports::CallOutcome outcome) {
      if (std::holds_alternative<Value>(outcome)) {
        ++succeeded;
      } else {
        EXPECT_EQ(std::get<CallFailure>(outcome).error.find("status")->integer(), 503);
        ++overloaded;
      }
    });
  }
  run_until([&] { return succeeded + overloaded == 40; });
  EXPECT_EQ(succeeded, 23);
  EXPECT_EQ(overloaded, 17);
  EXPECT_LE(most, 3);
}

TEST_F(TransportTest, ASlowServiceDoesNotHoldUpOthers) {
  CannedServer slow([](const std::string&) { return "hold"; });
  CannedServer quick([](const std::string&) { return ok("quick"); });
  make({.exchanges = 4, .exchanges_per_origin = 2});
  for (int i = 0; i < 10; ++i) begin(slow.url(), "", [](ports::CallOutcome) {});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(std::get<Value>(call(quick.url())), Value("quick"));
}

TEST_F(TransportTest, EndsWithCallsOut) {
  CannedServer server([](const std::string&) { return "hold"; });
  make();
  begin(server.url(), "", [](ports::CallOutcome) { FAIL(); });
  run_until([&] { return server.requests().size() == 1; });
  begin("http://127.0.0.1:1/", "", [this](ports::CallOutcome) { transport.reset(); });  // may end it itself
  run_until([&] { return !transport.has_value(); });
  context.restart();
  context.poll();
}

// A certificate that nobody else has signed, for 127.0.0.1.
class SelfSigned {
 public:
  SelfSigned() {
    key_ = EVP_EC_gen("P-256");
    certificate_ = X509_new();
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3'600);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    X509_set_pubkey(certificate_, key_);
    add(NID_subject_alt_name, "IP:127.0.0.1");
    add(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate_, key_, EVP_sha256());
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key_);
  }
  ~SelfSigned() {
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  SSL_CTX* context() { return context_; }
  void write(const std::string& path) {
    FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    PEM_write_X509(file, certificate_);
    std::fclose(file);
  }

 private:
  void add(int id, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
  }
  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
};

TEST_F(TransportTest, RefusesACertificateThatNobodyVouchesFor) {
  SelfSigned certificate;
  CannedServer server([](const std::string&) { return ok("secret"); }, certificate.context());
  const CallFailure refused = failure(server.url());
  EXPECT_TRUE(detail(refused).starts_with("no TLS connection: ")) << detail(refused);
  EXPECT_TRUE(detail(refused).contains("self-signed") || detail(refused).contains("self signed")) << detail(refused);
  EXPECT_EQ(refused.effect, core::Effect::not_done);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(TransportTest, TakesACertificateOfItsStoreForTheRightHost) {
  SelfSigned certificate;
  CannedServer server([](const std::string&) { return ok("secret"); }, certificate.context());
  const std::string path = ::testing::TempDir() + "/certificate-" + std::to_string(server.port()) + ".pem";
  certificate.write(path);
  make({}, loopback_ranges(), 10s, path);
  EXPECT_EQ(std::get<Value>(call(server.url())), Value("secret"));
  const CallFailure other = failure("https://localhost:" + std::to_string(server.port()) + "/");
  EXPECT_TRUE(detail(other).starts_with("no TLS connection: ")) << detail(other);
  std::remove(path.c_str());
}

TEST_F(TransportTest, AHandshakeThatHangsTimesOut) {
  CannedServer server([](const std::string&) { return ok("plain"); });  // waits for a request's end, which TLS is not
  make({.connect_time = 50ms});
  const CallFailure failed = failure("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  EXPECT_EQ(failed.effect, core::Effect::not_done);
  EXPECT_EQ(detail(failed), "no connection was made in time");
}

}  // namespace
}  // namespace pawl::actions
