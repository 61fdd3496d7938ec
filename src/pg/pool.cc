#include "pg/pool.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <utility>
#include <vector>

#include "base/random.h"
#include "pg/awaitable_of.h"
#include "pg/backoff.h"

namespace pawl::pg {

namespace {

constexpr Microseconds rollback_timeout = std::chrono::seconds(5);

void drop(std::vector<std::unique_ptr<Connection>>& from, const Connection* connection) {
  std::erase_if(from, [connection](const auto& each) { return each.get() == connection; });
}

std::unique_ptr<Connection> take(std::vector<std::unique_ptr<Connection>>& from, const Connection* connection) {
  const auto found = std::ranges::find(from, connection, &std::unique_ptr<Connection>::get);
  auto taken = std::move(*found);
  from.erase(found);
  return taken;
}

}  // namespace

// Connections are in exactly one place: opening, idle, busy (with a send() or a ROLLBACK), or lent.
class PoolCore : public std::enable_shared_from_this<PoolCore> {
 public:
  using Clock = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;
  using Ready = std::move_only_function<void(Outcome<std::unique_ptr<Connection>>)>;

  PoolCore(boost::asio::io_context& io, PoolOptions options)
      : io_(io),
        options_(std::move(options)),
        backoff_(options_.retry_first, options_.retry_longest, secret_seed()),
        waiters_timer_(io),
        retry_timer_(io) {}

  void wait(Microseconds timeout, Ready then) {
    if (waiters_.size() >= options_.waiting) {
      boost::asio::post(io_, [then = std::move(then)]() mutable {
        then(std::unexpected(refused("too many wait for a connection")));
      });
      return;
    }
    waiters_.push_back({Clock::now() + timeout, std::move(then)});
    boost::asio::post(io_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->serve();
    });
  }

  void send(Pipeline pipeline, Microseconds timeout, Connection::Answer then) {
    const auto deadline = Clock::now() + timeout;
    wait(timeout, [weak = weak_from_this(), deadline, pipeline = std::move(pipeline),
                   then = std::move(then)](auto ready) mutable {
      const auto self = weak.lock();
      if (!self) return;
      if (!ready) return then(std::unexpected(std::move(ready.error())));
      Connection* connection = self->busy_.emplace_back(std::move(*ready)).get();
      const auto left = std::chrono::duration_cast<Microseconds>(deadline - Clock::now());
      connection->send(std::move(pipeline), left,
                       [weak, connection, then = std::move(then)](Outcome<Results> answer) mutable {
                         if (const auto core = weak.lock()) core->give_back(take(core->busy_, connection));
                         then(std::move(answer));
                       });
    });
  }

  void lend(const Connection* connection) { lent_.push_back(const_cast<Connection*>(connection)); }

  void take_back(std::unique_ptr<Connection> connection) {
    std::erase(lent_, connection.get());
    give_back(std::move(connection));
  }

  void give_back(std::unique_ptr<Connection> connection) {
    if (closed_) return;
    if (connection->is_open() && connection->in_flight() == 0 && !connection->in_transaction()) {
      keep(std::move(connection));
    } else if (connection->is_open() && connection->in_flight() == 0) {
      roll_back(std::move(connection));
    }
    boost::asio::post(io_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->serve();
    });
  }

  void close() {
    closed_ = true;
    const auto self = shared_from_this();
    waiters_timer_.cancel();
    retry_timer_.cancel();
    while (!lent_.empty()) {  // a dropped callback may give another one back
      Connection* connection = lent_.back();
      lent_.pop_back();
      connection->abandon();
    }
    const auto dropped = std::exchange(waiters_, {});
    for (auto* all : {&opening_, &idle_, &busy_}) {
      const auto connections = std::move(*all);
      all->clear();
    }
  }

  std::size_t open_connections() const { return idle_.size() + busy_.size() + lent_.size(); }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  struct Waiter {
    Clock::time_point deadline;
    Ready then;
  };

  static Error refused(std::string why) {
    return {.kind = Error::Kind::not_sent, .sqlstate = {}, .message = std::move(why), .constraint = {}, .table = {}};
  }

  void keep(std::unique_ptr<Connection> connection) {
    Connection* kept = idle_.emplace_back(std::move(connection)).get();
    kept->when_closed([weak = weak_from_this(), kept](const Error&) {
      if (const auto self = weak.lock()) drop(self->idle_, kept);
    });
  }

  void roll_back(std::unique_ptr<Connection> connection) {
    Connection* rolled = busy_.emplace_back(std::move(connection)).get();
    rolled->send(std::move(Pipeline().add("ROLLBACK")), rollback_timeout,
                 [weak = weak_from_this(), rolled](Outcome<Results> answer) {
                   const auto self = weak.lock();
                   if (!self) return;
                   auto returned = take(self->busy_, rolled);
                   if (!answer) returned->close();
                   self->give_back(std::move(returned));
                 });
  }

  void serve() {
    if (closed_) return;
    expire();
    while (!waiters_.empty() && !idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      connection->when_closed(nullptr);
      Waiter waiter = std::move(waiters_.front());
      waiters_.pop_front();
      waiter.then(std::move(connection));
      if (closed_) return;
    }
    while (opening_.size() < waiters_.size() && opening_.size() + open_connections() < options_.connections &&
           !backing_off_)
      connect();
    arm_expiry();
  }

  void connect() {
    Connection* opening = opening_.emplace_back(std::make_unique<Connection>(io_)).get();
    opening->open(options_.connect, [weak = weak_from_this(), opening](Outcome<void> opened) {
      const auto self = weak.lock();
      if (!self || self->closed_) return;
      auto connection = take(self->opening_, opening);
      if (opened) {
        self->backoff_.reset();
        self->keep(std::move(connection));
        return self->serve();
      }
      self->last_error_ = std::move(opened.error());
      self->back_off();
    });
  }

  void back_off() {
    if (backing_off_) return;
    backing_off_ = true;
    retry_timer_.expires_after(backoff_.next());
    retry_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      const auto self = weak.lock();
      if (!self || error) return;
      self->backing_off_ = false;
      self->serve();
    });
  }

  // Deadlines may differ, so that the line is looked through; it is short when there is time to look.
  void expire() {
    const auto now = Clock::now();
    std::vector<Waiter> late;
    for (auto each = waiters_.begin(); each != waiters_.end();) {
      if (each->deadline > now) {
        ++each;
        continue;
      }
      late.push_back(std::move(*each));
      each = waiters_.erase(each);
    }
    for (Waiter& waiter : late) {
      Error error = refused("no connection in time");
      if (last_error_ && backing_off_) {
        error.message += ": " + last_error_->message;
        error.sqlstate = last_error_->sqlstate;
      }
      waiter.then(std::unexpected(std::move(error)));
    }
  }

  void arm_expiry() {
    if (waiters_.empty()) return;
    const auto earliest = std::ranges::min_element(waiters_, {}, &Waiter::deadline)->deadline;
    waiters_timer_.expires_at(earliest);
    waiters_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      const auto self = weak.lock();
      if (self && !error) self->serve();
    });
  }

  boost::asio::io_context& io_;
  PoolOptions options_;
  Backoff backoff_;
  Timer waiters_timer_, retry_timer_;
  std::vector<std::unique_ptr<Connection>> opening_, idle_, busy_;
  std::vector<Connection*> lent_;
  std::deque<Waiter> waiters_;
  std::optional<Error> last_error_;
  bool backing_off_ = false, closed_ = false;
};

Lease::Lease(std::weak_ptr<PoolCore> pool, std::unique_ptr<Connection> connection)
    : pool_(std::move(pool)), connection_(std::move(connection)) {}

Lease::Lease(Lease&&) noexcept = default;

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    give_back();
    pool_ = std::move(other.pool_);
    connection_ = std::move(other.connection_);
  }
  return *this;
}

Lease::~Lease() { give_back(); }

void Lease::give_back() {
  if (!connection_) return;
  if (const auto pool = pool_.lock()) pool->take_back(std::move(connection_));
  connection_.reset();
}

Pool::Pool(boost::asio::io_context& io, PoolOptions options)
    : core_(std::make_shared<PoolCore>(io, std::move(options))) {}

Pool::~Pool() { core_->close(); }

void Pool::borrow(Microseconds timeout, Lent then) {
  core_->wait(timeout, [weak = std::weak_ptr(core_), then = std::move(then)](auto ready) mutable {
    if (!ready) return then(std::unexpected(std::move(ready.error())));
    if (const auto core = weak.lock()) core->lend(ready->get());
    then(Lease(weak, std::move(*ready)));
  });
}

Awaitable<Outcome<Lease>> Pool::borrow(Microseconds timeout) {
  return awaitable_of<Outcome<Lease>>([this, timeout](Lent then) { borrow(timeout, std::move(then)); });
}

void Pool::send(Pipeline pipeline, Microseconds timeout, Connection::Answer then) {
  core_->send(std::move(pipeline), timeout, std::move(then));
}

Awaitable<Outcome<Results>> Pool::run(Pipeline pipeline, Microseconds timeout) {
  return awaitable_of<Outcome<Results>>(
      [core = core_, pipeline = std::move(pipeline), timeout](Connection::Answer then) mutable {
        core->send(std::move(pipeline), timeout, std::move(then));
      });
}

std::size_t Pool::open_connections() const { return core_->open_connections(); }

std::size_t Pool::waiting() const { return core_->waiting(); }

}  // namespace pawl::pg
