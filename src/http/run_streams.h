// GET /v1/runs/{id}/stream: the run's events as server-sent events (WHATWG HTML, section 9.2), as they are committed.
//
// Everything that is sent was read from the database, with the event's seq as the cursor, so that any node serves any
// run, and nothing above the committed revision is shown. The engine's hints only say when to look; without them, since
// another node owns the run, it is looked for at a growing interval.
//
// Bounds: streams of a tenant and of the server; at most `stream_reads_at_once` pages are being read, and none for a
// client that has not taken the page before, nor for a tenant whose clients have left `stream_buffers_bytes` untaken.
// A client that takes nothing for ServerLimits::write_time is cut off; it resumes by Last-Event-ID.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/time.h"
#include "base/uuid.h"
#include "http/routes.h"
#include "ports/batch.h"
#include "store/reads.h"

namespace pawl::http {

inline constexpr std::size_t stream_page_bytes = 64 << 10;  // a page ends with the event that goes beyond
inline constexpr std::uint32_t stream_page_events = 200;
inline constexpr std::size_t stream_buffers_bytes = 16 << 20;  // of a tenant, read and not taken yet
inline constexpr std::size_t stream_reads_at_once = 2;         // of the reads' connections, which lists need too

struct StreamTimes {
  Microseconds keep_alive = std::chrono::seconds(15);  // a comment, when nothing else was sent for so long
  Microseconds first_look = std::chrono::milliseconds(50), longest_look = std::chrono::seconds(2);
  Microseconds owned_look = std::chrono::seconds(5);  // between looks while hints are to be expected
  // Then a stream ends, so that its client comes again with its token: a revoked one is of no more use.
  Microseconds longest = std::chrono::hours(1);
};

// All streams of one server; on its thread. Destroying it leaves the streams' ends to the connections' own.
class RunStreams {
 public:
  explicit RunStreams(Parts& parts, StreamTimes times = {});
  ~RunStreams();

  // Sends the events behind `after`, then what comes, then `event: end` when the run has ended. Problems before the
  // first event: 404 `run-not-found`, 429 `overloaded`, those of reads.
  void open(const ports::RunKey& run, std::uint32_t after, Responder respond);

 private:
  struct Stream;
  using Shared = std::shared_ptr<Stream>;

  void want_read(Stream& stream);
  void read_next();
  void read(const Shared& stream);
  void took(const Shared& stream, Result<std::optional<store::EventPage>> page);
  bool begin(const Shared& stream);  // false: it is over already
  void send(Stream& stream, const std::string& text);
  void go_on(const Shared& stream);
  void drained(const Shared& stream);
  void arm(const Shared& stream);
  void on_timer(const Shared& stream);
  void refuse(const Shared& stream, const Problem& problem);
  void close(const Shared& stream);
  void account(Stream& stream);

  Parts& parts_;
  const StreamTimes times_;
  Gauge& open_gauge_;
  Gauge& untaken_gauge_;
  std::unordered_set<Shared> streams_;
  struct OfTenant {
    std::size_t streams = 0, untaken_bytes = 0;
  };
  std::unordered_map<Uuid, OfTenant> tenants_;
  std::deque<std::weak_ptr<Stream>> turns_;  // that want to read
  std::size_t reading_ = 0;
};

}  // namespace pawl::http
