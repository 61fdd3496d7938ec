#include "simulation/services.h"

namespace pawl::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

ports::CallOutcome SimTransport::outcome(const ports::Call& call, bool silent) {
  const auto failed = [](int status, core::Effect effect) {
    return ports::CallFailure{
        json::Value::object({{"type", "https://open-workflow-specification.org/spec/1.0.0/errors/communication"},
                             {"status", json::Value::integer(status)},
                             {"title", "Communication Error"}}),
        effect, std::nullopt};
  };
  if (silent) return failed(500, core::Effect::unknown);
  if (scheduler_.random().chance(plan_.service_fails)) {
    return scheduler_.random().chance(0.5) ? failed(503, core::Effect::unknown) : failed(404, core::Effect::not_done);
  }
  return json::Value::object({{"done", call.idempotency_key}});
}

ports::CallId SimTransport::call(ports::Call call, std::move_only_function<void(ports::CallOutcome)> then) {
  const ports::CallId id = ++last_;
  ledger_.call_left(process_, tenant_, call);
  scheduler_.note("http call", id);
  const bool silent = scheduler_.random().chance(plan_.service_silent);
  const json::Value* endpoint = call.with.find("endpoint");
  if (endpoint && endpoint->is_string() && endpoint->text().starts_with("http://silent.")) {
    open_.emplace(id, std::move(then));  // until it is aborted
    return id;
  }
  const Microseconds delay = silent ? Microseconds{seconds{3}} : scheduler_.between(milliseconds{1}, milliseconds{200});
  open_.emplace(id, std::move(then));
  // A killed process has taken this object along: its gate lets nothing through.
  scheduler_.after(delay, [this, gate = gate_, id, silent, call = std::move(call)]() mutable {
    gate->pass([this, id, silent, call = std::move(call)] {
      auto found = open_.extract(id);
      if (!found.empty()) found.mapped()(outcome(call, silent));
    });
  });
  return id;
}

}  // namespace pawl::simulation
