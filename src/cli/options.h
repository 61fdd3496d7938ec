// What each command was asked for. parse.cc fills these from the arguments; commands/ carries them out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"

namespace pawl::cli {

// automatic: a table on a terminal, else tsv: rows alone, with tabs between their cells. id: only what other commands
// take for a name.
enum class Output : std::uint8_t { automatic, table, tsv, json, id };

// Exit codes, the same for every command (docs/cli.md).
enum Exit : int { done = 0, failed = 1, usage = 2, unreachable = 3, refused = 4, expression = 5 };

inline constexpr const char* default_dev_name = "default";

// Where the server is: --url and --token, else the `pawl dev` that --name or --data-dir names, else PAWL_URL and
// PAWL_TOKEN, else what the `pawl dev` without a name has left in its data directory.
struct ServerAddress {
  std::string url, token, name = default_dev_name, data_dir;
};

struct Dev {
  std::string name = default_dev_name, data_dir, listen = "127.0.0.1:0";
  bool listen_given = false;
  std::uint32_t loops = 2;
};
struct Server {
  std::string database, listen = "127.0.0.1:7295", metrics_listen, node_name;
  std::vector<std::string> allow_addresses;  // CIDR ranges that HTTP calls may reach though they are private
  std::uint32_t loops = 2;
  bool unsafe_durability = false;  // accept a server with fsync off: for tests only
};
// `has_ids`: what it prints has ids, for --output id.
struct Deploy {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::vector<std::string> files;
  bool activate = true;
};
struct Run {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string definition, version, input, key, queue;
  bool wait = false, follow = false;
  std::string wait_at_most = "24h";
};
struct RunsWait {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::vector<std::string> ids;
  std::string at_most = "24h";
};
struct RunsList {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string status, definition, cursor;
  std::uint32_t limit = 50;
};
struct RunsShow {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string id;
};
struct RunsEvents {
  ServerAddress server;
  std::string id;
};
struct RunsFollow {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string id, at_most = "24h";
  std::uint32_t after = 0;
};
struct RunsLogs {
  ServerAddress server;
  std::string id;
  bool follow = false;
};
struct RunsSteps {
  ServerAddress server;
  std::string id;
};
struct RunsCancel {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string id, reason;
};
struct Explain {
  ServerAddress server;
  std::string id;
};
struct Check {
  std::vector<std::string> files;
};
struct Eval {
  std::string expression;
  bool null_input = false, raw = false;
};
struct DbMigrate {
  ServerAddress server;
  std::string database;
};
struct DbStatus {
  ServerAddress server;
  std::string database;
};
struct Verify {
  ServerAddress server;
  std::string database;
  bool ended = false;
};
struct TenantsCreate {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string database, name;
};
struct TenantsList {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string database;
};
struct TokenCreate {
  ServerAddress server;
  std::string database, tenant = "default", name;
  std::string expires_in;
};
struct TokenList {
  static constexpr bool has_ids = true;
  ServerAddress server;
  std::string database, tenant = "default";
};
struct TokenRevoke {
  ServerAddress server;
  std::string database, tenant = "default", id;
};
struct Bench {
  ServerAddress server;
  std::string workload, database;
  std::uint32_t in_flight = 64, seconds = 10, workers = 1, batch = 100;
  std::optional<std::uint64_t> count;
  std::optional<std::uint32_t> rate, tenants;
};
struct Env {
  ServerAddress server;
  std::string database;
};
struct Version {};

using Command = std::variant<Dev, Server, Deploy, Run, RunsList, RunsShow, RunsWait, RunsEvents, RunsFollow, RunsLogs,
                             RunsSteps, RunsCancel, Explain, Check, Eval, DbMigrate, DbStatus, Verify, TenantsCreate,
                             TenantsList, TokenCreate, TokenList, TokenRevoke, Bench, Env, Version>;

struct Invocation {
  Command command;
  Output output = Output::automatic;
  LogLevel log_level = LogLevel::info;
};

}  // namespace pawl::cli
