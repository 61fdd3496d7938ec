#include "pg/test_server.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "base/encoding.h"
#include "base/random.h"

namespace pawl::pg::test {

namespace {

std::map<std::string, std::string> parsed(const std::string& conninfo) {
  std::map<std::string, std::string> settings;
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(conninfo.c_str(), &error);
  if (options == nullptr) throw std::runtime_error("not a conninfo: " + conninfo);
  for (const PQconninfoOption* each = options; each->keyword != nullptr; ++each) {
    if (each->val != nullptr && each->val[0] != '\0') settings[each->keyword] = each->val;
  }
  PQconninfoFree(options);
  return settings;
}

Results run(const std::string& conninfo, const std::string& script) {
  boost::asio::io_context io;
  Connection connection(io);
  if (auto opened = run_to_end(io, connection.open({.conninfo = conninfo})); !opened)
    throw std::runtime_error(opened.error().message);
  auto results = run_to_end(io, connection.run_script(script, patience));
  if (!results) throw std::runtime_error(results.error().sqlstate + " " + results.error().message);
  return std::move(*results);
}

}  // namespace

std::string server() {
  const char* conninfo = std::getenv("PAWL_TEST_PG");
  if (conninfo == nullptr || *conninfo == '\0')
    throw std::runtime_error("PAWL_TEST_PG names no PostgreSQL server: run ./dev test");
  return conninfo;
}

std::string with(const std::string& conninfo, const std::string& settings) {
  auto merged = parsed(conninfo);
  for (auto& [name, value] : parsed(settings)) merged[name] = value;
  std::string out;
  for (const auto& [name, value] : merged) {
    out += (out.empty() ? "" : " ") + name + "='";
    for (const char c : value) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    out += "'";
  }
  return out;
}

void execute(const std::string& conninfo, const std::string& script) { run(conninfo, script); }

std::string value(const std::string& conninfo, const std::string& query) {
  const Results results = run(conninfo, query);
  return results.empty() || results.back().empty() ? std::string() : std::string(results.back().raw(0, 0));
}

Database::Database() {
  std::uint64_t number = secret_seed();
  name_ = "pawl_test_" + hex({reinterpret_cast<const std::uint8_t*>(&number), sizeof number});
  execute(server(), "CREATE DATABASE " + name_);
  conninfo_ = with(server(), "dbname=" + name_);
}

Database::~Database() {
  try {
    execute(server(), "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // the server is gone: a test may have stopped it
  }
}

void run_until(boost::asio::io_context& io, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  io.restart();
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain");
    io.run_one_for(std::chrono::milliseconds(20));
    if (io.stopped()) io.restart();
  }
}

struct Proxy::Pair {
  explicit Pair(boost::asio::io_context& io) : client(io), server(io) {}
  Socket client, server;
  std::array<char, 65536> to_server{}, to_client{};
};

Proxy::Proxy(boost::asio::io_context& io, const std::string& conninfo)
    : io_(io), acceptor_(io, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
  auto settings = parsed(conninfo);
  const std::string host = settings.contains("host") ? settings["host"] : "/var/run/postgresql";
  const std::string port = settings.contains("port") ? settings["port"] : "5432";
  if (host.starts_with('/')) {
    target_ = boost::asio::local::stream_protocol::endpoint(host + "/.s.PGSQL." + port);
  } else {
    const auto address = boost::asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host);
    target_ = boost::asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(std::stoi(port)));
  }
  conninfo_ =
      with(conninfo, "host=127.0.0.1 sslmode=disable port=" + std::to_string(acceptor_.local_endpoint().port()));
  accept();
}

Proxy::~Proxy() {
  *alive_ = false;
  cut();
}

void Proxy::accept() {
  auto pair = std::make_shared<Pair>(io_);
  auto accepted = std::make_shared<boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>>(io_);
  acceptor_.async_accept(*accepted, [this, alive = alive_, pair, accepted](boost::system::error_code error) {
    if (error || !*alive) return;
    ++accepted_;
    accept();
    if (refuse_) return;
    pair->client = Socket(std::move(*accepted));
    boost::system::error_code failed;
    pair->server.connect(target_, failed);
    if (failed) return;
    pairs_.push_back(pair);
    pump(pair, true);
    pump(pair, false);
  });
}

void Proxy::pump(std::shared_ptr<Pair> pair, bool to_server) {
  auto& from = to_server ? pair->client : pair->server;
  auto& buffer = to_server ? pair->to_server : pair->to_client;
  from.async_read_some(boost::asio::buffer(buffer), [this, alive = alive_, pair, to_server](
                                                        boost::system::error_code error, std::size_t n) {
    if (!*alive) return;
    auto& to = to_server ? pair->server : pair->client;
    boost::system::error_code ignored;
    if (error) {  // an end is passed on
      pair->client.close(ignored);
      pair->server.close(ignored);
      return;
    }
    if (to_server ? hold_requests_ : hold_answers_) return pump(pair, to_server);
    auto& bytes = to_server ? pair->to_server : pair->to_client;
    boost::asio::async_write(to, boost::asio::buffer(bytes, n),
                             [this, alive, pair, to_server](boost::system::error_code failed, std::size_t) {
                               if (*alive && !failed) pump(pair, to_server);
                             });
  });
}

void Proxy::cut() {
  boost::system::error_code ignored;
  for (const auto& weak : pairs_) {
    if (const auto pair = weak.lock()) {
      pair->client.close(ignored);
      pair->server.close(ignored);
    }
  }
  pairs_.clear();
}

}  // namespace pawl::pg::test
