#include "dsl/additions.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "dsl/names.h"
#include "dsl/suggest.h"

namespace pawl::dsl {
namespace {

std::optional<std::string> read_queue(Context& context, const json::Value& value, const std::string& pointer) {
  if (!expect_string(context, value, pointer, "the name of a queue")) return std::nullopt;
  const std::string_view queue = value.text();
  if (expr::braced(queue)) {
    unsupported(context, pointer, "an expression as queue", Part::value);
    return std::nullopt;
  }
  if (queue.empty() || queue.size() > limits::name_bytes) {
    context.problems.error("invalid-name", pointer,
                           "the name of a queue has 1 to " + std::to_string(limits::name_bytes) + " bytes");
    return std::nullopt;
  }
  if (queue.starts_with('@')) {
    context.problems.error("reserved-queue", pointer, "queues that begin with @ are the engine's own",
                           "take another name");
    return std::nullopt;
  }
  return std::string(queue);
}

// `planned` are documented, but not supported by this version.
std::optional<std::string> read_additions(Context& context, const json::Value& metadata, const std::string& pointer,
                                          std::span<const std::string_view> planned) {
  if (!expect_object(context, metadata, pointer, "an object")) return std::nullopt;
  const json::Value* additions = metadata.find("pawl");
  const std::string place = json::append_pointer(pointer, "pawl");
  if (additions == nullptr || !expect_object(context, *additions, place, "an object")) return std::nullopt;

  std::vector<std::string_view> names(planned.begin(), planned.end());
  names.push_back("queue");
  for (const json::Member& member : additions->members()) {
    if (member.key() == "queue") continue;
    const std::string at = json::append_pointer(place, member.key());
    if (std::ranges::find(planned, member.key()) != planned.end()) {
      unsupported(context, at, member.key());
    } else if (context.problems.has_room()) {
      context.problems.error("unknown-addition", at,
                             "metadata.pawl has no member \"" + std::string(member.key().substr(0, 100)) + "\" here",
                             did_you_mean(member.key(), names), Part::key);
    }
  }
  const json::Value* queue = additions->find("queue");
  return queue == nullptr ? std::nullopt : read_queue(context, *queue, json::append_pointer(place, "queue"));
}

}  // namespace

std::optional<std::string> read_task_metadata(Context& context, const json::Value& metadata, const std::string& pointer,
                                              bool is_try) {
  static constexpr std::array<std::string_view, 6> planned{"compensate", "idempotencyKey", "priority",
                                                           "heartbeat",  "concurrency",    "saga"};
  const std::span<const std::string_view> all(planned);
  return read_additions(context, metadata, pointer, is_try ? all : all.first(all.size() - 1));
}

std::optional<std::string> read_document_metadata(Context& context, const json::Value& metadata,
                                                  const std::string& pointer) {
  static constexpr std::array<std::string_view, 4> planned{"saga", "priority", "concurrency", "schedule"};
  return read_additions(context, metadata, pointer, planned);
}

}  // namespace pawl::dsl
