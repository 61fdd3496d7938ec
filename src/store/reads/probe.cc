#include "store/reads/probe.h"

#include <utility>

#include "base/log.h"
#include "store/postgres/statements.h"

namespace pawl::store {

Probe::Probe(boost::asio::io_context& io, ProbeOptions options) : io_(io), options_(std::move(options)) {
  options_.connect.timeout = options_.timeout;
}

void Probe::ask(Done<void> then) {
  if (succeeded_ && std::chrono::steady_clock::now() < *succeeded_ + options_.good_for) return then({});
  waiting_.push_back(std::move(then));
  if (connection_) return;
  connection_ = std::make_unique<pg::Connection>(io_);
  connection_->open(options_.connect, [this](pg::Outcome<void> opened) {
    if (!opened) return answer(std::move(opened.error()));
    connection_->send(pg::Pipeline().add(statement("read_probe.sql")), options_.timeout,
                      [this](pg::Outcome<pg::Results> read) {
                        answer(read ? std::nullopt : std::optional(std::move(read.error())));
                      });
  });
}

void Probe::answer(std::optional<pg::Error> failure) {
  const auto now = std::chrono::steady_clock::now();
  const auto ended = std::exchange(connection_, nullptr);
  if (!failure) succeeded_ = now;
  const bool good = succeeded_ && now < *succeeded_ + options_.forgiven_for;
  if (failure) log_warning("the database could not be read to see whether it can be", {{"detail", failure->message}});
  for (Done<void>& then : std::exchange(waiting_, {})) { then(good ? Result<void>() : fail(pg::problem_of(*failure))); }
}

}  // namespace pawl::store
