#include "http/explain.h"

#include <string>
#include <utility>

#include "json/builder.h"

namespace pawl::http {

namespace {

using json::Value;

constexpr std::string_view http_queue = "@http";

// One hold while it is made.
class Hold {
 public:
  Hold(std::string_view kind, std::string because) : members_(12) {
    members_.add("kind", kind);
    members_.add("because", because);
  }
  Hold& text(std::string_view name, std::string_view value) {
    if (!value.empty()) members_.add(name, value);
    return *this;
  }
  Hold& number(std::string_view name, std::int64_t value) {
    members_.add(name, Value::integer(value));
    return *this;
  }
  Hold& time(std::string_view name, const std::optional<Time>& value) {
    if (value) members_.add(name, format_time(*value));
    return *this;
  }
  Value finish() { return members_.finish(); }

 private:
  json::ObjectBuilder members_;
};

std::string count(std::uint64_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + " " + std::string(number == 1 ? one : many);
}

// Why nobody works on it, as far as the owner knows; nothing of it when another node owns the run.
std::string why_ready(const store::OpenWork& work, const engine::WorkView* view) {
  std::string because = "it waits in queue " + work.queue + " for a worker that can do " + work.action;
  if (view == nullptr) return because;
  if (view->refusals > 0) {
    return "a worker asked for it, but its row is locked by a transaction of somebody else: it is tried again";
  }
  if (view->ahead > 0) because += ", behind " + count(view->ahead, "other", "others");
  if (view->polls > 0) return because + "; " + count(view->polls, "poll is", "polls are") + " waiting for such work";
  if (!view->asked_at) return because + "; no worker has asked for it since this server started";
  return because + "; no worker asks at the moment, the last did at " + format_time(*view->asked_at);
}

std::string why_work(const store::OpenWork& work, const engine::WorkView* view, Time now) {
  if (work.status == "completing") {
    return "worker " + work.worker + " has completed it in its own transaction, and that is about to be decided";
  }
  if (view != nullptr && view->resolving) return "its result is being committed";
  if (work.queue == http_queue) return "the HTTP call is out, or waits for its turn";
  if (work.status != "leased") return why_ready(work, view);
  const std::string until = work.leased_until ? " until " + format_time(*work.leased_until) : "";
  std::string because = "worker " + work.worker + " has it" + until;
  if (work.leased_until && *work.leased_until < now) {
    because =
        "worker " + work.worker + " had it" + until + ", and has not been heard of since: it will be offered again";
  }
  if (work.deaths > 1) because += "; " + count(work.deaths - 1, "worker", "workers") + " gave it up before";
  return because;
}

Value hold_of(const store::OpenWork& work, const engine::WorkView* view, Time now) {
  Hold hold("invocation", why_work(work, view, now));
  hold.text("path", work.path)
      .text("state", work.status)
      .text("queue", work.queue)
      .text("action", work.action)
      .number("attempt", work.attempt)
      .number("deaths", work.deaths);
  if (work.status == "leased") hold.text("worker", work.worker).time("leasedUntil", work.leased_until);
  if (view != nullptr && work.status == "ready") {
    hold.number("ahead", static_cast<std::int64_t>(view->ahead))
        .number("polls", static_cast<std::int64_t>(view->polls))
        .time("lastPollAt", view->asked_at);
  }
  return hold.finish();
}

std::string why_wait(const store::OpenWait& wait) {
  const std::string due = wait.due_at ? format_time(*wait.due_at) : "";
  if (wait.kind == "timer") return "it waits until " + due;
  if (wait.kind == "retry") {
    return (wait.attempt.empty() ? "its next retry" : "its retry " + wait.attempt) + " is due at " + due;
  }
  if (wait.kind == "timeout") return "it is given up at " + due + ", unless it ends before";
  if (wait.kind == "continue") return "its last decision was cut at a limit, and goes on at once";
  if (wait.kind == "signal") return "it waits for an event";
  if (wait.kind == "child") return "it waits for another run to end";
  if (wait.kind == "inquiry") return "it waits for a person's answer";
  return "it waits";
}

Value hold_of(const store::OpenWait& wait) {
  return Hold(wait.kind, why_wait(wait))
      .text("path", wait.path)
      .text("attempt", wait.attempt)
      .time("dueAt", wait.due_at)
      .finish();
}

// What holds the run as a whole, before anything of it.
void add_whole(const Explained& explained, json::ArrayBuilder& holds) {
  const store::RunRow& run = explained.holds.run;
  if (run.status == core::RunStatus::suspended) {
    const std::string reason = run.suspended_reason.empty() ? "" : ": " + run.suspended_reason;
    holds.add(Hold("suspended", "the run is suspended, so that nothing of it is decided" + reason).finish());
  }
  if (explained.owned_here || explained.holds.owner_is_live) return;
  const std::string lane = std::to_string(run.id.lane());
  const std::string last = explained.holds.owner.empty() ? "" : " (the last was " + explained.holds.owner + ")";
  holds.add(Hold("lane",
                 "no live server owns lane " + lane + last + ": nothing of the run is decided until one takes it over")
                .number("lane", run.id.lane())
                .finish());
}

Value owner_document(const Explained& explained) {
  json::ObjectBuilder owner(3);
  if (!explained.holds.owner.empty()) owner.add("node", explained.holds.owner);
  owner.add("live", explained.owned_here || explained.holds.owner_is_live);
  owner.add("here", explained.owned_here);
  return owner.finish();
}

}  // namespace

Value explanation(const Explained& explained) {
  const store::RunHolds& all = explained.holds;
  json::ArrayBuilder holds(all.work.size() + all.waits.size() + 2);
  if (!core::has_ended(all.run.status)) {
    add_whole(explained, holds);
    for (std::size_t i = 0; i < all.work.size(); ++i) {
      const bool is_remembered = i < explained.remembered.size() && explained.remembered[i].known;
      holds.add(hold_of(all.work[i], is_remembered ? &explained.remembered[i] : nullptr, explained.now));
    }
    for (const store::OpenWait& wait : all.waits) holds.add(hold_of(wait));
    if (all.work.empty() && all.waits.empty() && all.run.status != core::RunStatus::suspended) {
      holds.add(Hold("decision", "nothing of it is open: its next step is about to be decided").finish());
    }
  }
  json::ObjectBuilder document(5);
  document.add("id", all.run.id.text());
  document.add("status", core::name(all.run.status));
  document.add("owner", owner_document(explained));
  document.add("holds", holds.finish());
  if (all.cut) document.add("cut", true);
  return document.finish();
}

}  // namespace pawl::http
