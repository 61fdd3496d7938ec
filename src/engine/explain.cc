// What memory adds to the rows of open work: who asks for it, and what stands in its way.
#include <algorithm>

#include "engine/loop.h"

namespace pawl::engine {

std::optional<WorkView> Loop::explain(const ports::InvocationKey& key) {
  const Invocation* invocation = invocations_.find(key);
  if (invocation == nullptr) return std::nullopt;
  WorkView view{.known = true, .resolving = invocation->resolving, .refusals = invocation->refusals};
  if (invocation->channel == nullptr) return view;
  view.ahead = dispatch_.ahead(*invocation->channel, invocation->action, invocation->place());
  view.polls = dispatch_.waiting(*invocation->channel, invocation->action);
  view.asked_at = dispatch_.asked(*invocation->channel, invocation->action);
  return view;
}

}  // namespace pawl::engine
