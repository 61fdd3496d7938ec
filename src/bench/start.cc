#include "bench/load.h"

namespace pawl::bench {
namespace {

constexpr std::string_view definition = R"(document: { dsl: 1.0.0, namespace: bench, name: start, version: 1.0.0 }
do:
  - only: { set: { ok: true } }
)";

}  // namespace

Result<Report> run_start(const Spec& spec) {
  const auto target = target_of(spec);
  if (!target) return fail(target.error());
  if (const auto deployed = deploy(spec, definition); !deployed) return fail(deployed.error());
  boost::asio::io_context io(1);
  http::LoadClient client(io, *target);
  if (const auto connected = client.connect(); !connected) return fail(connected.error());
  Starts starts(io, client, spec, "bench/start", R"({"ok":true})");
  starts.begin([&] { io.stop(); });
  io.run();
  if (!starts.first_failure().empty()) {
    return fail({.status = 500,
                 .code = "bench-failed",
                 .title = "A run did not complete",
                 .detail = starts.first_failure(),
                 .instance = {},
                 .hint = {}});
  }
  return starts.report("start");
}

}  // namespace pawl::bench
