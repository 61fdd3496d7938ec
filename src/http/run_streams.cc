#include "http/run_streams.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "engine/node.h"
#include "http/await_end.h"
#include "http/documents.h"
#include "http/problem.h"
#include "json/write.h"
#include "ports/clock.h"

namespace pawl::http {

namespace {

Problem too_many(std::string_view limit_name, std::size_t most) {
  return {.status = 429,
          .code = "overloaded",
          .title = "Too many streams are open",
          .detail = "at most " + std::to_string(most),
          .instance = std::string(limit_name),
          .hint = "close those that are not read, or ask for the run with ?wait="};
}

Response head() {
  return {.status = 200,
          .content_type = "text/event-stream",
          // The last one tells nginx, the proxy that most have, not to collect what should pass.
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
          .body = {}};
}

constexpr std::string_view opening = "retry: 1000\n\n";  // how long a browser waits before it comes again
constexpr std::string_view keep_alive = ":\n\n";

// JSON on one line has no line break that would have to be split (json::to_text escapes those in strings).
void append_event(std::string& text, const core::Event& event) {
  text.append("id: ").append(std::to_string(event.seq));
  text.append("\nevent: ").append(core::name(event.type));
  text.append("\ndata: ").append(json::to_text(event_document(event))).append("\n\n");
}

std::string end_event(core::RunStatus status) {
  return "event: end\ndata: " + json::to_text(json::Value::object({{"status", core::name(status)}})) + "\n\n";
}

}  // namespace

struct RunStreams::Stream {
  ports::RunKey run{};
  std::uint32_t after = 0;
  std::optional<Responder> respond;  // until it begins
  std::optional<BodyStream> body;    // from then on
  engine::FollowId follow = 0;
  ports::TimerId timer = 0;
  ports::Steady ends_at{}, sent_at{}, look_at{};
  Microseconds pause{0};          // before the next look without a hint
  std::size_t untaken_bytes = 0;  // as counted in OfTenant
  bool wants_read = false, reading = false;
  bool changed = false;  // there may be more than was read
  bool blocked = false;  // the client has not taken everything yet
  bool closed = false;
  std::weak_ptr<Stream> self;
};

RunStreams::RunStreams(Parts& parts, StreamTimes times)
    : parts_(parts),
      times_(times),
      open_gauge_(parts.metrics.gauge("pawl_http_streams", "Streams of runs' events that are open.")),
      untaken_gauge_(parts.metrics.gauge("pawl_http_stream_untaken_bytes",
                                         "Bytes of streams that were read and that their clients have not taken.")) {}

RunStreams::~RunStreams() = default;

void RunStreams::open(const ports::RunKey& run, std::uint32_t after, Responder respond) {
  OfTenant& tenant = tenants_[run.tenant];
  if (tenant.streams >= limits::streams_of_tenant) {
    return respond(problem_response(too_many("streams_of_tenant", limits::streams_of_tenant)));
  }
  if (streams_.size() >= limits::streams) {
    if (tenant.streams == 0) tenants_.erase(run.tenant);
    return respond(problem_response(too_many("streams", limits::streams)));
  }
  const auto stream = std::make_shared<Stream>();
  stream->run = run;
  stream->after = after;
  stream->respond = std::move(respond);
  stream->self = stream;
  stream->sent_at = parts_.clock.steady();
  stream->ends_at = stream->sent_at + times_.longest;
  stream->pause = times_.first_look;
  ++tenant.streams;
  streams_.insert(stream);
  open_gauge_.add(1);
  const std::weak_ptr weak = stream;
  // Followed before it is read: what is committed in between is told.
  stream->follow = parts_.node.follow(run, [this, weak] {
    if (const auto still = weak.lock(); still && !still->closed) want_read(*still);
  });
  stream->respond->when_closed([this, weak] {
    if (const auto still = weak.lock()) close(still);
  });
  if (!stream->closed) want_read(*stream);
}

void RunStreams::want_read(Stream& stream) {
  stream.changed = true;
  if (stream.closed || stream.wants_read || stream.reading || stream.blocked) return;
  stream.wants_read = true;
  turns_.push_back(stream.self);
  read_next();
}

void RunStreams::read_next() {
  for (std::size_t left = turns_.size(); left > 0 && reading_ < stream_reads_at_once; --left) {
    const Shared stream = turns_.front().lock();
    turns_.pop_front();
    if (!stream || stream->closed) continue;
    if (tenants_[stream->run.tenant].untaken_bytes >= stream_buffers_bytes) {
      turns_.push_back(stream->self);  // until its tenant's clients have taken more, or were cut off
      continue;
    }
    read(stream);
  }
}

void RunStreams::read(const Shared& stream) {
  stream->wants_read = stream->changed = false;
  stream->reading = true;
  ++reading_;
  parts_.reads.events(
      stream->run.tenant, stream->run.run, stream->after, stream_page_events,
      [this, stream](Result<std::optional<store::EventPage>> page) {
        --reading_;
        stream->reading = false;
        if (!stream->closed) took(stream, std::move(page));
        read_next();
      },
      stream_page_bytes);
}

void RunStreams::took(const Shared& stream, Result<std::optional<store::EventPage>> page) {
  if (!page) {
    if (!stream->body) return refuse(stream, page.error());
    stream->pause = std::max(stream->pause, times_.longest_look);  // the database is away: the stream waits for it
    return arm(stream);
  }
  if (!*page) {
    if (!stream->body) return refuse(stream, run_not_found());
    return close(stream);  // the run is gone, and its history with it
  }
  if (!stream->body && !begin(stream)) return;
  std::string text;
  for (const core::Event& event : (*page)->events) append_event(text, event);
  if (!(*page)->events.empty()) {
    stream->after = (*page)->events.back().seq;
    stream->pause = times_.first_look;
  }
  const bool more = (*page)->next_after.has_value();
  const bool ended = !more && core::has_ended((*page)->status);
  if (ended) text += end_event((*page)->status);
  stream->changed = stream->changed || more;
  send(*stream, text);
  if (stream->closed) return;
  if (ended) return close(stream);
  go_on(stream);
}

bool RunStreams::begin(const Shared& stream) {
  stream->body.emplace(stream->respond->stream(head()));
  stream->respond.reset();
  if (stream->closed) return false;
  if (stream->body->closed()) {  // the server is stopping
    close(stream);
    return false;
  }
  send(*stream, std::string(opening));
  return !stream->closed;
}

void RunStreams::send(Stream& stream, const std::string& text) {
  if (text.empty()) return;
  stream.sent_at = parts_.clock.steady();
  stream.body->write(text);  // may close it
}

// After something was written: on when the client has taken it.
void RunStreams::go_on(const Shared& stream) {
  account(*stream);
  if (stream->untaken_bytes > 0) {
    stream->blocked = true;
    stream->body->when_drained([this, weak = std::weak_ptr(stream)] {
      if (const auto still = weak.lock()) drained(still);
    });
    return arm(stream);
  }
  if (stream->changed) return want_read(*stream);
  arm(stream);
}

void RunStreams::drained(const Shared& stream) {
  stream->blocked = false;
  account(*stream);
  if (stream->changed) {
    want_read(*stream);
  } else {
    arm(stream);
  }
  read_next();  // others of its tenant may have waited for this
}

void RunStreams::account(Stream& stream) {
  const std::size_t now = stream.closed || !stream.body ? 0 : stream.body->unsent_bytes();
  std::size_t& sum = tenants_[stream.run.tenant].untaken_bytes;
  sum = sum + now - stream.untaken_bytes;
  untaken_gauge_.add(static_cast<std::int64_t>(now) - static_cast<std::int64_t>(stream.untaken_bytes));
  stream.untaken_bytes = now;
}

// What comes first: a look without a hint, a sign of life, its end.
void RunStreams::arm(const Shared& stream) {
  const ports::Steady now = parts_.clock.steady();
  const bool owned = parts_.node.owns(stream->run.run);
  stream->look_at = now + (owned ? std::max(times_.owned_look, stream->pause) : stream->pause);
  stream->pause = std::min(stream->pause * 2, times_.longest_look);
  ports::Steady next = stream->ends_at;
  if (!stream->blocked) next = std::min({next, stream->look_at, stream->sent_at + times_.keep_alive});
  parts_.clock.cancel(std::exchange(stream->timer, 0));
  stream->timer = parts_.clock.call_after(next - now, [this, weak = std::weak_ptr(stream)] {
    if (const auto still = weak.lock(); still && !still->closed) on_timer(still);
  });
}

void RunStreams::on_timer(const Shared& stream) {
  stream->timer = 0;
  const ports::Steady now = parts_.clock.steady();
  if (now >= stream->ends_at) return close(stream);
  if (stream->blocked) return arm(stream);
  if (now >= stream->sent_at + times_.keep_alive) {
    send(*stream, std::string(keep_alive));
    if (stream->closed) return;
  }
  if (now >= stream->look_at) stream->changed = true;
  if (stream->reading || stream->wants_read) return arm(stream);
  go_on(stream);
}

void RunStreams::refuse(const Shared& stream, const Problem& problem) {
  Responder respond = std::move(*stream->respond);
  stream->respond.reset();
  close(stream);
  respond(problem_response(problem));
}

void RunStreams::close(const Shared& stream) {
  if (std::exchange(stream->closed, true)) return;
  parts_.node.unfollow(stream->follow);
  parts_.clock.cancel(stream->timer);
  account(*stream);
  const auto tenant = tenants_.find(stream->run.tenant);
  if (--tenant->second.streams == 0) tenants_.erase(tenant);
  streams_.erase(stream);
  open_gauge_.add(-1);
  stream->respond.reset();
  stream->body.reset();  // ends it
  read_next();           // others of its tenant may have waited for what this one's client did not take
}

}  // namespace pawl::http
