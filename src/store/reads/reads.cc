#include "store/reads.h"

namespace pawl::store {

namespace {

// Lists are planned for their values (read_runs.sql says why). A read never writes, whatever it is told.
pg::PoolOptions pool_options(const ReadSettings& settings) {
  return {.connect = {.conninfo = settings.conninfo,
                      .role = "pawl_reader",
                      .settings = {{"default_transaction_read_only", "on"},
                                   {"statement_timeout", "10s"},
                                   {"timezone", "UTC"},
                                   {"plan_cache_mode", "force_custom_plan"},
                                   {"jit", "off"}},
                      .application_name = "pawl reads"},
          .connections = settings.connections};
}

ProbeOptions probe_options(const ReadSettings& settings) {
  ProbeOptions options{.connect = pool_options(settings).connect};
  options.connect.application_name = "pawl probe";
  return options;
}

}  // namespace

Reads::Reads(boost::asio::io_context& io, ReadSettings settings)
    : settings_(std::move(settings)), pool_(io, pool_options(settings_)), probe_(io, probe_options(settings_)) {}

}  // namespace pawl::store
