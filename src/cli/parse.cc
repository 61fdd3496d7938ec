#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <sstream>
#include <vector>

#include "base/version.h"
#include "dsl/suggest.h"

namespace pawl::cli {
namespace {

constexpr std::string_view example_heading = "\nExample:\n  ";

LogLevel log_level_of(std::string_view name) {
  if (name == "debug") return LogLevel::debug;
  if (name == "warning") return LogLevel::warning;
  return name == "error" ? LogLevel::error : LogLevel::info;
}

// Builds the tree of commands; each leaf, when chosen, says which options are meant.
class Commands {
 public:
  Commands() : app_("Durable workflows on PostgreSQL", "pawl") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string(version()));
    app_.add_option("--output,-o", output_, "table (for people) or json (for programs)")
        ->check(CLI::IsMember({"table", "json"}));
    app_.add_option("--log-level", log_level_, "debug, info, warning or error: the least that is logged")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
        ->capture_default_str();
    app_.fallthrough();
    app_.footer(
        "Each command explains itself: pawl COMMAND --help. Exit codes: 0 done, 1 failed, 2 usage, 3 no server,\n"
        "4 refused, 5 expression error.");
    servers();
    definitions();
    runs();
    database();
    access();
    measuring();
  }

  std::expected<Invocation, Message> parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      std::ostringstream out, err;
      const int code = app_.exit(error, out, err);
      if (code == 0) return std::unexpected(Message{out.str(), Exit::done});
      const std::string unknown = unknown_command(argc, argv);
      return std::unexpected(Message{"pawl: " + (unknown.empty() ? std::string(error.what()) : unknown) +
                                         "\nTry pawl --help, or pawl COMMAND --help.\n",
                                     Exit::usage});
    }
    Invocation invocation{chosen_(), output_ == "json" ? Output::json : Output::table, !output_.empty(),
                          log_level_of(log_level_)};
    return invocation;
  }

 private:
  // CLI11 only says that a subcommand is required, whatever was written in its place. Empty when that is not the
  // matter.
  std::string unknown_command(int argc, const char* const* argv) const {
    const CLI::App* at = &app_;
    for (int i = 1; i < argc; ++i) {
      const std::string_view word = argv[i];
      const std::vector<const CLI::App*> below = at->get_subcommands(nullptr);
      if (word.starts_with('-') || below.empty()) return {};
      std::vector<std::string> names;
      for (const CLI::App* each : below) names.push_back(each->get_name());
      const auto found = std::ranges::find(names, word);
      if (found == names.end()) {
        const std::vector<std::string_view> candidates(names.begin(), names.end());
        const std::string hint = dsl::did_you_mean(word, candidates);
        return "there is no command " + std::string(word) + (hint.empty() ? "" : ": " + hint);
      }
      at = below[static_cast<std::size_t>(found - names.begin())];
    }
    return {};
  }

  // A leaf command with its options' struct, kept alive as long as the parser.
  template <class Options>
  std::pair<CLI::App*, Options*> leaf(CLI::App& under, const std::string& name, const std::string& what,
                                      const std::string& example) {
    CLI::App* command = under.add_subcommand(name, what);
    auto options = std::make_shared<Options>();
    command->footer(std::string(example_heading) + example);
    command->fallthrough();
    command->callback([this, options] { chosen_ = [options] { return Command(*options); }; });
    return {command, options.get()};
  }

  CLI::App& group(const std::string& name, const std::string& what) {
    CLI::App* command = app_.add_subcommand(name, what);
    command->require_subcommand(1);
    command->fallthrough();
    return *command;
  }

  static void add_server(CLI::App* command, ServerAddress& server) {
    command->add_option("--url", server.url, "the server's address (else PAWL_URL, else that of pawl dev)");
    command->add_option("--token", server.token, "the bearer token (else PAWL_TOKEN, else that of pawl dev)");
    add_dev(command, server);
  }
  static void add_dev(CLI::App* command, ServerAddress& server) {
    command->add_option("--name", server.name, "which pawl dev is meant when nothing else says")->capture_default_str();
    command->add_option("--data-dir", server.data_dir, "its data directory, instead of the name");
  }
  static void add_database(CLI::App* command, std::string& database) {
    command->add_option("--database", database, "PostgreSQL's URL (else PAWL_DATABASE_URL, else that of pawl dev)");
  }
  static void add_database(CLI::App* command, std::string& database, ServerAddress& server) {
    add_database(command, database);
    add_dev(command, server);
  }

  void servers() {
    auto [dev, d] = leaf<Dev>(app_, "dev", "Start a server with a private PostgreSQL, for a first try", "pawl dev");
    dev->add_option("--name", d->name, "names the data directory: several can stand side by side")
        ->capture_default_str();
    dev->add_option("--data-dir", d->data_dir, "the data directory, instead of the name");
    dev->add_option("--listen", d->listen, "HOST:PORT; port 0 takes a free one (default: the one of the last time)")
        ->each([options = d](const std::string&) { options->listen_given = true; });
    dev->add_option("--loops", d->loops, "commit connections")->check(CLI::Range(1, 8))->capture_default_str();
    auto [server, s] = leaf<Server>(app_, "server", "Start a server on a PostgreSQL database",
                                    "pawl server --database postgresql://pawl_server@localhost/pawl");
    add_database(server, s->database);
    server->add_option("--listen", s->listen, "HOST:PORT")->capture_default_str();
    server->add_option("--node-name", s->node_name, "this node's name in lists (default: the host's name)");
    server->add_option("--allow-address", s->allow_addresses,
                       "a range such as 10.0.0.0/8 that HTTP calls may reach although it is private");
    server->add_option("--loops", s->loops, "commit connections")->check(CLI::Range(1, 8))->capture_default_str();
    server->add_flag("--unsafe-durability", s->unsafe_durability,
                     "start although PostgreSQL may lose commits (fsync off): for tests");
  }

  void definitions() {
    auto [deploy, d] =
        leaf<Deploy>(app_, "deploy", "Deploy definitions, YAML or JSON", "pawl deploy examples/orders/order.yaml");
    add_server(deploy, d->server);
    deploy->add_option("FILE", d->files, "a definition; - is standard input")->required();
    deploy->add_flag("!--no-activate", d->activate, "do not make this the version that runs by default");
    auto [check, c] =
        leaf<Check>(app_, "check", "Show every problem of definitions, without a server", "pawl check order.yaml");
    check->add_option("FILE", c->files, "a definition; - is standard input")->required();
    auto [eval, e] = leaf<Eval>(app_, "eval", "Evaluate an expression on each JSON value of standard input",
                                "echo '{\"a\": 1}' | pawl eval '.a + 1'");
    eval->add_option("EXPR", e->expression, "a jq expression")->required();
    eval->add_flag("-n,--null-input", e->null_input, "evaluate once, on null, and read nothing");
  }

  void runs() {
    auto [run, r] = leaf<Run>(app_, "run", "Start a run", "pawl run shop/order --input '{\"id\": \"A7\"}' --wait");
    add_server(run, r->server);
    run->add_option("DEFINITION", r->definition, "namespace/name")->required();
    run->add_option("--input", r->input, "JSON, @FILE, or - for standard input");
    run->add_option("--version", r->version, "a version other than the active one");
    run->add_option("--key", r->key, "idempotency key: the same key starts one run (default: a random one)");
    run->add_option("--queue", r->queue, "the queue of tasks whose definition names none");
    run->add_flag("--wait", r->wait, "wait until it has ended; exit 1 unless it completed");
    run->add_option("--wait-at-most", r->wait_at_most, "give up waiting after this long")->capture_default_str();
    CLI::App& group_runs = group("runs", "List, show and steer runs");
    auto [list, l] = leaf<RunsList>(group_runs, "list", "Newest first", "pawl runs list --status faulted");
    add_server(list, l->server);
    list->add_option("--status", l->status, "running, waiting, completed, faulted, cancelled…");
    list->add_option("--definition", l->definition, "namespace/name");
    list->add_option("--limit", l->limit, "how many")->check(CLI::Range(1, 200))->capture_default_str();
    list->add_option("--cursor", l->cursor, "go on where the last page ended");
    one_run<RunsShow>(group_runs, "show", "One run with its input and output", "pawl runs show RUN");
    one_run<RunsEvents>(group_runs, "events", "A run's history", "pawl runs events RUN");
    one_run<RunsSteps>(group_runs, "steps", "A run's tasks with their attempts and times", "pawl runs steps RUN");
    auto [cancel, c] =
        one_run<RunsCancel>(group_runs, "cancel", "Cancel a run", "pawl runs cancel RUN --reason 'ordered twice'");
    cancel->add_option("--reason", c->reason, "kept in the history");
  }

  template <class Options>
  std::pair<CLI::App*, Options*> one_run(CLI::App& under, const std::string& name, const std::string& what,
                                         const std::string& example) {
    auto made = leaf<Options>(under, name, what, example);
    add_server(made.first, made.second->server);
    made.first->add_option("RUN", made.second->id, "the run's id")->required();
    return made;
  }

  void database() {
    CLI::App& db = group("db", "The database: schema and upkeep");
    auto [migrate, m] = leaf<DbMigrate>(db, "migrate", "Create the schema, or bring it up to date",
                                        "pawl db migrate --database postgresql:///pawl");
    add_database(migrate, m->database, m->server);
    auto [status, s] = leaf<DbStatus>(db, "status", "Which migrations are applied", "pawl db status");
    add_database(status, s->database, s->server);
    auto [verify, v] = leaf<Verify>(
        app_, "verify", "Check the laws on the live database; exit 1 with the rows that break one", "pawl verify");
    add_database(verify, v->database, v->server);
    verify->add_flag("--ended", v->ended, "fold the histories of ended runs too, not of the open ones only");
  }

  void access() {
    CLI::App& tenants = group("tenants", "Tenants");
    auto [create, c] = leaf<TenantsCreate>(tenants, "create", "Create a tenant", "pawl tenants create acme");
    add_database(create, c->database, c->server);
    create->add_option("NAME", c->name, "its name")->required();
    auto [list, l] = leaf<TenantsList>(tenants, "list", "All tenants", "pawl tenants list");
    add_database(list, l->database, l->server);
    CLI::App& token = group("token", "Bearer tokens");
    auto [make, m] =
        leaf<TokenCreate>(token, "create", "Create a token; it is shown once", "pawl token create --tenant acme ci");
    add_database(make, m->database, m->server);
    make->add_option("--tenant", m->tenant, "the tenant's name")->capture_default_str();
    make->add_option("NAME", m->name, "what it is for")->required();
    make->add_option("--expires-in", m->expires_in, "30d, 12h… (default: never)");
    auto [tokens, t] = leaf<TokenList>(token, "list", "A tenant's tokens", "pawl token list --tenant acme");
    add_database(tokens, t->database, t->server);
    tokens->add_option("--tenant", t->tenant, "the tenant's name")->capture_default_str();
    auto [revoke, r] = leaf<TokenRevoke>(token, "revoke", "Revoke a token", "pawl token revoke --tenant acme ID");
    add_database(revoke, r->database, r->server);
    revoke->add_option("--tenant", r->tenant, "the tenant's name")->capture_default_str();
    revoke->add_option("ID", r->id, "the token's id")->required();
  }

  void measuring() {
    auto [bench, b] = leaf<Bench>(app_, "bench", "Measure a running server: start, task-1, or floor (plain SQL)",
                                  "pawl bench start --in-flight 64");
    add_server(bench, b->server);
    add_database(bench, b->database);
    bench->add_option("WORKLOAD", b->workload, "what to measure")
        ->required()
        ->check(CLI::IsMember({"start", "task-1", "floor"}));
    bench->add_option("--in-flight", b->in_flight, "requests at once")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    bench->add_option("--seconds", b->seconds, "how long")->check(CLI::Range(1, 3600))->capture_default_str();
    bench->add_option("--count", b->count, "how many runs, instead of how long");
    bench->add_option("--workers", b->workers, "workers of task-1")->check(CLI::Range(1, 64))->capture_default_str();
    bench->add_option("--batch", b->batch, "tasks that a worker takes at once")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    leaf<Version>(app_, "version", "What this is", "pawl version");
  }

  CLI::App app_;
  std::string output_, log_level_ = "info";
  std::function<Command()> chosen_;
};

}  // namespace

std::expected<Invocation, Message> parse(int argc, const char* const* argv) { return Commands().parse(argc, argv); }

}  // namespace pawl::cli
