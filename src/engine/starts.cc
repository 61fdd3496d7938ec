// Starts: which version is meant, whether the run exists already, and the first decision (protocol section 8).
#include <algorithm>

#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

namespace {

// Names hold no U+0000.
std::string name_of(const Uuid& tenant, const StartOf& start) {
  std::string name(reinterpret_cast<const char*>(tenant.bytes.data()), tenant.bytes.size());
  return name + start.namespace_ + '\0' + start.name + '\0' + start.version;
}

Problem definition_not_found(const StartOf& start) {
  return {.status = 404,
          .code = "definition-not-found",
          .title = "There is no such definition",
          .detail = start.namespace_ + "/" + start.name + (start.version.empty() ? "" : " " + start.version),
          .instance = "",
          .hint = "Deploy it first: pawl deploy FILE."};
}

}  // namespace

void Loop::prepare(Item& item, StartRun request) {
  item.start = std::make_unique<StartOf>();
  StartOf& start = *item.start;
  start.namespace_ = std::move(request.namespace_);
  start.name = std::move(request.name);
  start.version = std::move(request.version);
  ports::RunHead& head = start.head;
  head.trigger_kind = std::move(request.trigger_kind);
  if (!request.idempotency_key.empty()) head.request_sha256 = request.request_sha256;
  head.idempotency_key = std::move(request.idempotency_key);
  head.queue = std::move(request.queue);
  head.priority = request.priority;
  head.correlation_id = std::move(request.correlation_id);
  item.stimulus = core::Start{.input = request.input.is_null() ? json::Value::object() : std::move(request.input),
                              .trigger = json::Value::object({{"kind", json::Value(head.trigger_kind)}}),
                              .queue = head.queue};
}

void Loop::resolve(Item& item) {
  StartOf& start = *item.start;
  if (!start.deployed.program) {
    if (auto known = programs_.find(item.run.tenant, start.namespace_, start.name, start.version))
      start.deployed = *known;
  }
  if (start.deployed.program) {
    start.head.definition = start.deployed.definition;
    start.head.version = start.deployed.version;
    return admission_.push(item);
  }
  std::string name = name_of(item.run.tenant, start);
  auto& waiting = resolving_[name];
  waiting.push_back(&item);
  if (waiting.size() > 1) return;
  storage_.resolve_version(
      item.run.tenant, start.namespace_, start.name, start.version,
      guarded([this, name, programs = programs_.generation()](Result<std::optional<ports::StoredVersion>> found) {
        resolved(name, std::move(found), programs);
      }));
}

void Loop::resolved(const std::string& name, Result<std::optional<ports::StoredVersion>> found,
                    std::uint64_t generation) {
  {
    Hold hold(*this);
    std::vector<Item*> items = std::move(resolving_[name]);
    resolving_.erase(name);
    if (items.empty()) return;
    Result<Deployed> deployed = fail(unavailable("The definition could not be read."));
    if (found && *found)
      deployed = programs_.put(items.front()->run.tenant, **found, items.front()->start->version, generation);
    else if (found)
      deployed = fail(definition_not_found(*items.front()->start));
    for (Item* item : items) {
      if (!deployed) {
        refuse(*item, deployed.error());
        continue;
      }
      item->start->deployed = *deployed;
      resolve(*item);
    }
  }
  pump();
}

void Loop::place_start(Item& item) {
  if (item.expired) return release(item);
  if (quarantined_.contains(item.run)) return refuse(item, run_quarantined(""));
  if (Run* run = runs_.find(item.run)) {
    runs_.use(*run);
    if (run->loading) return park(*run, item);
    return join(*run, {.item = &item, .view = existing(*run, item)});
  }
  Run& run = runs_.add(item.run);
  run.head = item.start->head;
  run.program = item.start->deployed.program;
  run.state.emplace(item.run.tenant, item.run.run);
  run.starting = true;
  decide(run, item);
}

// The answer for a start that finds its run there. An unkeyed start finds only what it has written itself, when the
// outcome of that was unknown.
Result<RunView> Loop::existing(const Run& run, const Item& item) const {
  if (run.head.request_sha256 != item.start->head.request_sha256) {
    return fail({.status = 422,
                 .code = "idempotency-mismatch",
                 .title = "This idempotency key was used for another request",
                 .detail = "The run " + run.key.run.text() + " was started with the same key and another request.",
                 .instance = "",
                 .hint = "Use a new key for a new request, and the same body for a repeated one."});
  }
  RunView found = view(run);
  // Any try may be the one that was stored: also one whose outcome was unknown, and that is found now.
  found.existed = std::ranges::find(item.start->decided, run.state->started_at()) == item.start->decided.end();
  return found;
}

// Another run has this id already: nothing of ours was written. The one that is there answers.
void Loop::lost_start(OpenBatch& batch, OpenBatch::Decided& decided) {
  Run& run = *decided.run;
  std::erase_if(batch.requested, [&](Invocation* invocation) {
    if (invocation->run != run.key.run || invocation->key.tenant != run.key.tenant) return false;
    unrequest(*invocation);
    return true;
  });
  // Whoever joined it was to be told of a run that the store does not have: they ask again, of the one that is there.
  std::erase_if(batch.joined, [&](const OpenBatch::Joined& joined) {
    if (joined.item->run != run.key) return false;
    run.waiting.push_back(joined.item);
    return true;
  });
  run.starting = false;
  --run.in_flight;
  run.state.reset();
  run.waits.clear();
  run.waiting.push_front(decided.item);
  decided.item = nullptr;
  decided.run = nullptr;
  load(run);
}

}  // namespace pawl::engine
