#include "actions/curl_client.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actions/curl_exchange.h"
#include "actions/redirect.h"

namespace pawl::actions {

namespace {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using boost::system::error_code;

constexpr std::size_t spare_handles = 64;

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

struct CurlClient::State : std::enable_shared_from_this<CurlClient::State> {
  // A socket of libcurl's that the loop watches; the descriptor is lent and given back before libcurl closes it.
  struct Watch {
    Watch(asio::io_context& context, curl_socket_t socket) : descriptor(context, socket) {}
    ~Watch() { descriptor.release(); }
    Descriptor descriptor;
    int wanted = 0;  // CURL_POLL_…
    bool reading = false, writing = false;
  };
  struct Running {
    Running(asio::io_context& context, ExchangeId id, HttpRequest request,
            std::move_only_function<void(HttpOutcome)> then)
        : exchange(id, std::move(request), std::move(then)), deadline(context) {}
    CurlExchange exchange;
    Timer deadline;
    bool on_wire = false;
  };
  struct Origin {
    std::size_t on_wire = 0;
    std::deque<ExchangeId> waiting;  // those that were aborted are found missing when their turn comes
    bool in_turn = false;
  };

  State(asio::io_context& io_context, CurlOptions curl_options);
  ~State() { end(); }

  void end();
  void fail_soon(ExchangeId id, HttpFailure failure);
  void enqueue(Running& running);
  void start_some();
  void start(Running& running);
  void leave(Running& running);
  void finish(ExchangeId id, HttpOutcome outcome);
  void collect();
  void act(curl_socket_t socket, int events);
  void watch(const std::shared_ptr<Watch>& watched, curl_socket_t socket, bool for_reading);
  void watch_wanted(const std::shared_ptr<Watch>& watched, curl_socket_t socket);
  void set_timer(long wait_ms);

  static int on_socket(CURL*, curl_socket_t socket, int what, void* state, void*);
  static int on_timer(CURLM*, long wait_ms, void* state);

  asio::io_context& context;
  const CurlOptions options;
  std::unique_ptr<CURLM, FreeMulti> multi;
  Timer timer;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches;
  std::unordered_map<ExchangeId, std::unique_ptr<Running>> running;
  std::unordered_map<std::string, Origin> origins;
  std::deque<std::string> turns;  // origins with something waiting and room for it
  std::vector<Easy> spare;
  ExchangeId last_id = 0;
  std::size_t on_wire = 0, waiting = 0;
};

CurlClient::State::State(asio::io_context& io_context, CurlOptions curl_options)
    : context(io_context), options(std::move(curl_options)), multi(curl_multi_init()), timer(io_context) {
  if (multi == nullptr) throw std::runtime_error("libcurl cannot be initialised");
  curl_multi_setopt(multi.get(), CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi.get(), CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options.limits.idle_connections));
}

void CurlClient::State::end() {
  if (multi == nullptr) return;
  for (const auto& [id, each] : running) {
    if (each->on_wire) curl_multi_remove_handle(multi.get(), each->exchange.easy());
  }
  running.clear();
  multi.reset();  // closes its connections, and gives back what is watched
  watches.clear();
  timer.cancel();
}

// One of origin's; it waits for its turn even when there is room, so that nobody overtakes.
void CurlClient::State::enqueue(Running& one) {
  Origin& origin = origins[one.exchange.origin];
  origin.waiting.push_back(one.exchange.id);
  ++waiting;
  if (!origin.in_turn && origin.on_wire < options.limits.exchanges_per_origin) {
    origin.in_turn = true;
    turns.push_back(one.exchange.origin);
  }
}

void CurlClient::State::start_some() {
  while (multi != nullptr && on_wire < options.limits.exchanges && !turns.empty()) {
    const std::string name = std::move(turns.front());
    turns.pop_front();
    Origin& origin = origins[name];
    origin.in_turn = false;
    Running* next = nullptr;
    while (next == nullptr && !origin.waiting.empty()) {
      const auto found = running.find(origin.waiting.front());
      origin.waiting.pop_front();
      --waiting;
      if (found != running.end()) next = found->second.get();
    }
    if (next != nullptr) {
      ++origin.on_wire;
      start(*next);
    }
    if (!origin.waiting.empty() && origin.on_wire < options.limits.exchanges_per_origin) {
      origin.in_turn = true;
      turns.push_back(name);
    } else if (origin.waiting.empty() && origin.on_wire == 0) {
      origins.erase(name);
    }
  }
}

void CurlClient::State::start(Running& one) {
  Easy easy;
  if (spare.empty()) {
    easy.reset(curl_easy_init());
  } else {
    easy = std::move(spare.back());
    spare.pop_back();
  }
  one.on_wire = true;
  ++on_wire;
  one.exchange.begin(std::move(easy), options);
  curl_multi_add_handle(multi.get(), one.exchange.easy());
}

// Takes the exchange off the wire and gives its place to the next.
void CurlClient::State::leave(Running& one) {
  if (!one.on_wire) return;
  one.on_wire = false;
  --on_wire;
  curl_multi_remove_handle(multi.get(), one.exchange.easy());
  if (spare.size() < spare_handles) {
    Easy easy = one.exchange.take_easy();
    curl_easy_reset(easy.get());
    spare.push_back(std::move(easy));
  }
  const auto found = origins.find(one.exchange.origin);
  Origin& origin = found->second;
  --origin.on_wire;
  if (!origin.waiting.empty()) {
    if (!std::exchange(origin.in_turn, true)) turns.push_back(found->first);
  } else if (origin.on_wire == 0 && !origin.in_turn) {
    origins.erase(found);
  }
}

void CurlClient::State::finish(ExchangeId id, HttpOutcome outcome) {
  const auto found = running.find(id);
  if (found == running.end()) return;
  const std::unique_ptr<Running> one = std::move(found->second);
  running.erase(found);
  leave(*one);
  one->exchange.then(std::move(outcome));
}

void CurlClient::State::fail_soon(ExchangeId id, HttpFailure failure) {
  asio::post(context, [weak = weak_from_this(), id, failure = std::move(failure)]() mutable {
    if (const auto self = weak.lock()) self->finish(id, std::unexpected(std::move(failure)));
  });
}

// What libcurl has finished. A callback may send, abort, or end the client.
void CurlClient::State::collect() {
  const auto self = shared_from_this();
  while (multi != nullptr) {
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
    if (message == nullptr) break;
    if (message->msg != CURLMSG_DONE) continue;
    CurlExchange* exchange = nullptr;
    const CURLcode code = message->data.result;  // the message dies with the handle's removal
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    finish(exchange->id, exchange->outcome(code));
  }
  start_some();
}

void CurlClient::State::act(curl_socket_t socket, int events) {
  if (multi == nullptr) return;
  int still_running = 0;
  curl_multi_socket_action(multi.get(), socket, events, &still_running);
  collect();
}

int CurlClient::State::on_socket(CURL*, curl_socket_t socket, int what, void* place, void*) {
  State& state = *static_cast<State*>(place);
  if (what == CURL_POLL_REMOVE) {
    state.watches.erase(socket);
    return 0;
  }
  std::shared_ptr<Watch>& watched = state.watches[socket];
  if (watched == nullptr) watched = std::make_shared<Watch>(state.context, socket);
  watched->wanted = what;
  state.watch_wanted(watched, socket);
  return 0;
}

void CurlClient::State::watch_wanted(const std::shared_ptr<Watch>& watched, curl_socket_t socket) {
  if ((watched->wanted & CURL_POLL_IN) && !watched->reading) watch(watched, socket, true);
  if ((watched->wanted & CURL_POLL_OUT) && !watched->writing) watch(watched, socket, false);
}

void CurlClient::State::watch(const std::shared_ptr<Watch>& watched, curl_socket_t socket, bool for_reading) {
  (for_reading ? watched->reading : watched->writing) = true;
  // The handler must not keep the watch alive: the descriptor is given back when libcurl says so.
  watched->descriptor.async_wait(
      for_reading ? Descriptor::wait_read : Descriptor::wait_write,
      [weak_state = weak_from_this(), weak = std::weak_ptr(watched), socket, for_reading](const error_code& error) {
        const auto self = weak_state.lock();
        auto still = weak.lock();
        if (!self || !still) return;
        (for_reading ? still->reading : still->writing) = false;
        const int event = error ? CURL_CSELECT_ERR : for_reading ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        const bool asked = (still->wanted & (for_reading ? CURL_POLL_IN : CURL_POLL_OUT)) != 0;
        still.reset();
        if (asked) self->act(socket, event);
        if (const auto again = weak.lock()) self->watch_wanted(again, socket);
      });
}

int CurlClient::State::on_timer(CURLM*, long wait_ms, void* place) {
  static_cast<State*>(place)->set_timer(wait_ms);
  return 0;
}

void CurlClient::State::set_timer(long wait_ms) {
  if (wait_ms < 0) {
    timer.cancel();
    return;
  }
  timer.expires_after(std::chrono::milliseconds(wait_ms));
  timer.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

CurlClient::CurlClient(asio::io_context& context, CurlOptions options)
    : state_(std::make_shared<State>(context, std::move(options))) {}

CurlClient::~CurlClient() { state_->end(); }

ExchangeId CurlClient::send(HttpRequest request, std::move_only_function<void(HttpOutcome)> then) {
  State& state = *state_;
  const ExchangeId id = ++state.last_id;
  const auto time = request.time;
  auto created = std::make_unique<State::Running>(state.context, id, std::move(request), std::move(then));
  State::Running& one = *state.running.emplace(id, std::move(created)).first->second;
  const auto origin = origin_of(one.exchange.request.uri);
  if (!origin) {
    state.fail_soon(id, {.kind = HttpFailure::Kind::invalid,
                         .sent = false,
                         .status = 0,
                         .detail = "the endpoint is no http or https URI"});
    return id;
  }
  if (state.waiting >= state.options.limits.waiting) {
    state.fail_soon(
        id,
        {.kind = HttpFailure::Kind::overloaded, .sent = false, .status = 0, .detail = "too many calls are waiting"});
    return id;
  }
  one.exchange.origin = *origin;
  one.deadline.expires_after(time);
  one.deadline.async_wait([weak = std::weak_ptr(state_), id](const error_code& error) {
    const auto self = weak.lock();
    if (!self || error) return;
    const auto found = self->running.find(id);
    if (found == self->running.end()) return;
    self->finish(id, std::unexpected(found->second->exchange.timed_out()));
    self->start_some();
  });
  state.enqueue(one);
  state.start_some();
  return id;
}

void CurlClient::abort(ExchangeId exchange) {
  const auto found = state_->running.find(exchange);
  if (found == state_->running.end()) return;
  const std::unique_ptr<State::Running> one = std::move(found->second);
  state_->running.erase(found);
  state_->leave(*one);
  asio::post(state_->context, [weak = std::weak_ptr(state_)] {
    if (const auto self = weak.lock()) self->start_some();
  });
}

std::size_t CurlClient::on_the_wire() const { return state_->on_wire; }

}  // namespace pawl::actions
