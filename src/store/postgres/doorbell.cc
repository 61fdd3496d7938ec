#include "store/postgres/doorbell.h"

#include <utility>

#include "base/encoding.h"

namespace pawl::store {

namespace {

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::seconds longest_pause{2}, listen_timeout{10};

// As ring_doorbell() in schema/base/06_inbox.sql names it: hexadecimal digits alone.
std::string channel_of(const Uuid& loop) { return "pawl_" + hex(loop.bytes); }

}  // namespace

Doorbell::Doorbell(boost::asio::io_context& io, pg::ConnectOptions options, Uuid loop,
                   std::move_only_function<void()> rung)
    : io_(io),
      options_(std::move(options)),
      channel_(channel_of(loop)),
      rung_(std::make_shared<std::move_only_function<void()>>(std::move(rung))),
      timer_(io),
      backoff_(first_pause, longest_pause, loop.lane()) {
  connect();
}

// A connection that is dropped calls nothing more.
void Doorbell::connect() {
  connection_ = std::make_unique<pg::Connection>(io_);
  connection_->when_closed([this](const pg::Error&) { again(); });
  connection_->when_notified([rung = rung_](std::string_view) { (*rung)(); });
  connection_->open(options_, [this](const pg::Outcome<void>& opened) {
    if (!opened) return again();
    listen();
  });
}

void Doorbell::listen() {
  connection_->send(pg::Pipeline().add("LISTEN " + channel_), listen_timeout,
                    [this, rung = rung_](const pg::Outcome<pg::Results>& answer) {
                      if (!answer) {
                        if (connection_->is_open()) again();  // else its end was told
                        return;
                      }
                      backoff_.reset();
                      (*rung)();
                    });
}

void Doorbell::again() {
  timer_.expires_after(backoff_.next());
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) connect();
  });
}

}  // namespace pawl::store
