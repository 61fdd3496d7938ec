#include "app/run_until_signal.h"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>

#include "app/server.h"
#include "base/log.h"

namespace pawl::app {
namespace {

constexpr std::chrono::milliseconds ready_poll{5};
// Draining answers within its own bounds; this is for what those do not cover.
constexpr std::chrono::seconds stop_at_most = stop_within + std::chrono::seconds(5);

class Run {
 public:
  Run(boost::asio::io_context& io, Server& server, std::function<void()> on_ready)
      : io_(io), server_(server), on_ready_(std::move(on_ready)), signals_(io, SIGTERM, SIGINT), timer_(io) {
    wait_for_signal();
    wait_until_ready();
  }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& cancelled, int) {
      if (cancelled) return;
      if (stopping_) return io_.stop();
      stopping_ = true;
      log_info("stopping");
      wait_for_signal();
      timer_.expires_after(stop_at_most);
      timer_.async_wait([this](const boost::system::error_code& too_soon) {
        if (!too_soon) io_.stop();
      });
      server_.stop([this] { io_.stop(); });
    });
  }

  void wait_until_ready() {
    timer_.expires_after(ready_poll);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled || stopping_) return;
      if (!server_.ready()) return wait_until_ready();
      on_ready_();
    });
  }

  boost::asio::io_context& io_;
  Server& server_;
  std::function<void()> on_ready_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  bool stopping_ = false;
};

}  // namespace

void run_until_signal(boost::asio::io_context& io, Server& server, std::function<void()> on_ready) {
  const Run run(io, server, std::move(on_ready));
  io.run();
}

}  // namespace pawl::app
