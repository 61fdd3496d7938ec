// What each command was asked for. parse.cc fills these from the arguments; commands/ carries them out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"

namespace pawl::cli {

enum class Output : std::uint8_t { table, json };

// Exit codes, the same for every command (docs/cli.md).
enum Exit : int { done = 0, failed = 1, usage = 2, unreachable = 3, refused = 4, expression = 5 };

// Where the server is: --url and --token, else PAWL_URL and PAWL_TOKEN, else what `pawl dev` left in its data
// directory.
struct ServerAddress {
  std::string url, token, name = "default", data_dir;
};

struct Dev {
  std::string name = "default", data_dir, listen = "127.0.0.1:0";
  bool listen_given = false;
  std::uint32_t loops = 2;
};
struct Server {
  std::string database, listen = "127.0.0.1:7295", node_name;
  std::vector<std::string> allow_addresses;  // CIDR ranges that HTTP calls may reach though they are private
  std::uint32_t loops = 2;
  bool unsafe_durability = false;  // accept a server with fsync off: for tests only
};
struct Deploy {
  ServerAddress server;
  std::vector<std::string> files;
  bool activate = true;
};
struct Run {
  ServerAddress server;
  std::string definition, version, input, key, queue;
  bool wait = false;
  std::string wait_at_most = "24h";
};
struct RunsList {
  ServerAddress server;
  std::string status, definition, cursor;
  std::uint32_t limit = 50;
};
struct RunsShow {
  ServerAddress server;
  std::string id;
};
struct RunsEvents {
  ServerAddress server;
  std::string id;
};
struct RunsSteps {
  ServerAddress server;
  std::string id;
};
struct RunsCancel {
  ServerAddress server;
  std::string id, reason;
};
struct Check {
  std::vector<std::string> files;
};
struct Eval {
  std::string expression;
  bool null_input = false;
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
  ServerAddress server;
  std::string database, name;
};
struct TenantsList {
  ServerAddress server;
  std::string database;
};
struct TokenCreate {
  ServerAddress server;
  std::string database, tenant = "default", name;
  std::string expires_in;
};
struct TokenList {
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
};
struct Version {};

using Command = std::variant<Dev, Server, Deploy, Run, RunsList, RunsShow, RunsEvents, RunsSteps, RunsCancel, Check,
                             Eval, DbMigrate, DbStatus, Verify, TenantsCreate, TenantsList, TokenCreate, TokenList,
                             TokenRevoke, Bench, Version>;

struct Invocation {
  Command command;
  Output output = Output::table;
  bool output_given = false;
  LogLevel log_level = LogLevel::info;
};

}  // namespace pawl::cli
