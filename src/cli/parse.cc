#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

#include "base/version.h"
#include "bench/workload.h"
#include "dsl/suggest.h"

namespace pawl::cli {
namespace {

constexpr std::size_t help_column = 30;  // where what an option does begins

constexpr std::array<std::pair<const char*, Output>, 4> outputs{
    {{"table", Output::table}, {"tsv", Output::tsv}, {"json", Output::json}, {"id", Output::id}}};
constexpr std::array<std::pair<const char*, LogLevel>, 4> log_levels{
    {{"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warning", LogLevel::warning}, {"error", LogLevel::error}}};

template <class Named>
std::vector<std::string> names_of(const Named& all) {
  std::vector<std::string> names;
  for (const auto& each : all) names.push_back(each.first);
  return names;
}

template <class Value, std::size_t count>
Value named(const std::array<std::pair<const char*, Value>, count>& all, const std::string& name, Value otherwise) {
  for (const auto& each : all) {
    if (name == each.first) return each.second;
  }
  return otherwise;
}

bool has_ids(const Command& command) {
  return std::visit([]<class Options>(const Options&) { return requires { Options::has_ids; }; }, command);
}

std::string example_of(const std::string& example) { return "Example:\n  " + example; }

// `command` is what was understood of it: pawl runs list.
Message wrong(const std::string& command, const std::string& what) {
  return {"pawl: " + what + "\nTry " + command + " --help.\n", Exit::usage};
}

// The name of an option as it was typed: --limit of --limit=5.
std::string option_name(const std::string& word) { return word.substr(0, word.find('=')); }

// Builds the tree of commands; each leaf, when chosen, says which options are meant.
class Commands {
 public:
  Commands() : app_("Durable workflows on PostgreSQL", "pawl") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "pawl " + std::string(version()), "print the version");
    app_.set_help_flag("-h,--help", "print this");
    app_.get_formatter()->column_width(help_column);
    add_output(&app_);
    option(&app_, "--log-level", log_level_, "LEVEL", "the least that is logged: debug, info, warning, error")
        ->check(CLI::IsMember(names_of(log_levels)));
    app_.fallthrough();
    app_.footer(
        "Exit codes: 0 done, 1 what was asked about failed, 2 wrong usage, 3 no server, 4 refused, 5 an expression's "
        "error.\nEach command explains itself: pawl COMMAND --help.\n\n" +
        example_of("pawl dev"));
    servers();
    definitions();
    runs();
    database();
    access();
    measuring();
  }

  std::expected<Invocation, Message> parse(int argc, const char* const* argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    if (!words.empty() && words.front() == "help") {
      words.erase(words.begin());
      words.push_back("--help");
    }
    if (const std::string unknown = unknown_command(words); !unknown.empty()) {
      return std::unexpected(wrong(typed(words), unknown));
    }
    if (const CLI::App* group = unfinished(words)) {
      return std::unexpected(Message{group->help(group == &app_ ? "" : app_.get_name()), Exit::usage});
    }
    try {
      std::vector<std::string> last_first(words.rbegin(), words.rend());  // as CLI11 takes them
      app_.parse(last_first);
    } catch (const CLI::ParseError& error) {
      std::ostringstream out, err;
      if (app_.exit(error, out, err) == 0) return std::unexpected(Message{out.str(), Exit::done});
      return std::unexpected(wrong(typed(words), explained(error, words)));
    }
    Invocation invocation{chosen_(), named(outputs, output_, Output::automatic),
                          named(log_levels, log_level_, LogLevel::info)};
    if (invocation.output == Output::id && !has_ids(invocation.command)) {
      return std::unexpected(wrong(typed(words), "--output id: this command prints nothing that has an id"));
    }
    return invocation;
  }

 private:
  static const CLI::App* below(const CLI::App& group, const std::string& name) {
    for (const CLI::App* each : group.get_subcommands(nullptr)) {
      if (each->get_name() == name) return each;
    }
    return nullptr;
  }

  // The command as far as its words are known.
  const CLI::App* chosen(const std::vector<std::string>& words) const {
    const CLI::App* at = &app_;
    for (const std::string& word : words) {
      const CLI::App* found = below(*at, word);
      if (found == nullptr) break;
      at = found;
    }
    return at;
  }
  std::string typed(const std::vector<std::string>& words) const {
    std::string text;
    for (const CLI::App* at = chosen(words); at != nullptr; at = at->get_parent()) {
      text = at->get_name() + (text.empty() ? "" : " " + text);
    }
    return text;
  }

  // CLI11 lists everything that is left over, backwards, and counts what an option lacks.
  std::string explained(const CLI::ParseError& error, const std::vector<std::string>& words) const {
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
      const std::string what = error.what();
      return what.substr(0, what.find(':')) + " needs a value";
    }
    if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) return error.what();
    const CLI::App* command = chosen(words);
    std::vector<std::string> known;
    for (const CLI::App* at = command; at != nullptr; at = at->get_parent()) {
      for (const CLI::Option* each : at->get_options()) {
        for (const std::string& name : each->get_lnames()) known.push_back("--" + name);
        for (const std::string& name : each->get_snames()) known.push_back("-" + name);
      }
    }
    for (const std::string& word : words) {
      const std::string name = option_name(word);
      if (!name.starts_with('-') || name == "-" || std::ranges::find(known, name) != known.end()) continue;
      const std::string hint = dsl::did_you_mean(name, std::vector<std::string_view>(known.begin(), known.end()));
      return typed(words) + " has no option " + name + (hint.empty() ? "" : ": " + hint);
    }
    return typed(words) + " takes no more arguments: " + words.back();
  }

  // CLI11 only says that a subcommand is required, whatever was written in its place. Empty when that is not the
  // matter.
  std::string unknown_command(const std::vector<std::string>& words) const {
    const CLI::App* at = &app_;
    for (const std::string& word : words) {
      const std::vector<const CLI::App*> all = at->get_subcommands(nullptr);
      if (word.starts_with('-') || all.empty()) return {};
      const CLI::App* found = below(*at, word);
      if (found == nullptr) {
        std::vector<std::string> names;
        for (const CLI::App* each : all) names.push_back(each->get_name());
        const std::string hint = dsl::did_you_mean(word, std::vector<std::string_view>(names.begin(), names.end()));
        const std::string command = (at == &app_ ? "" : at->get_name() + " ") + word;
        return "there is no command " + command + (hint.empty() ? "" : ": " + hint);
      }
      at = found;
    }
    return {};
  }

  // The group whose command is not said, if that is all that is wrong.
  const CLI::App* unfinished(const std::vector<std::string>& words) const {
    const CLI::App* at = &app_;
    for (const std::string& word : words) {
      at = below(*at, word);
      if (at == nullptr) return nullptr;
    }
    return at->get_subcommands(nullptr).empty() ? nullptr : at;
  }

  // A leaf command with its options' struct, kept alive as long as the parser.
  template <class Options>
  std::pair<CLI::App*, Options*> leaf(CLI::App& under, const std::string& name, const std::string& what,
                                      const std::string& example) {
    CLI::App* command = under.add_subcommand(name, what);
    auto options = std::make_shared<Options>();
    command->footer(example_of(example));
    command->fallthrough();
    add_output(command);
    command->callback([this, options] { chosen_ = [options] { return Command(*options); }; });
    return {command, options.get()};
  }

  CLI::App& group(const std::string& name, const std::string& what, const std::string& example) {
    CLI::App* command = app_.add_subcommand(name, what);
    command->require_subcommand(1);
    command->fallthrough();
    command->footer(example_of(example));
    return *command;
  }

  // `placeholder` stands for the value in --help; `what` says its default, if that matters.
  template <class Value>
  static CLI::Option* option(CLI::App* command, const std::string& names, Value& value, const std::string& placeholder,
                             const std::string& what) {
    return command->add_option(names, value, what)->option_text(placeholder);
  }
  template <class Value>
  static CLI::Option* argument(CLI::App* command, const std::string& name, Value& value, const std::string& what) {
    return command->add_option(name, value, what)->option_text(" ")->required();
  }
  static void add_loops(CLI::App* command, std::uint32_t& loops) {
    option(command, "--loops", loops, "N", "commit connections, 1 to 8 (default 2)")->check(CLI::Range(1, 8));
  }
  void add_output(CLI::App* command) {
    option(command, "-o,--output", output_, "FORM", "table, tsv, json, id (default: table on a terminal, else tsv)")
        ->check(CLI::IsMember(names_of(outputs)));
  }
  static void add_server(CLI::App* command, ServerAddress& server) {
    option(command, "--url", server.url, "URL", "the server's address (else PAWL_URL, else that of pawl dev)");
    option(command, "--token", server.token, "TOKEN", "the bearer token (else PAWL_TOKEN, else that of pawl dev)");
    add_dev(command, server);
  }
  static void add_dev(CLI::App* command, ServerAddress& server) {
    option(command, "--name", server.name, "NAME", "which pawl dev is meant when nothing else says (default: default)");
    option(command, "--data-dir", server.data_dir, "DIR", "its data directory, instead of the name");
  }
  static void add_database(CLI::App* command, std::string& database) {
    option(command, "--database", database, "URL", "PostgreSQL's (else PAWL_DATABASE_URL, else that of pawl dev)");
  }
  static void add_database(CLI::App* command, std::string& database, ServerAddress& server) {
    add_database(command, database);
    add_dev(command, server);
  }

  void servers() {
    auto [dev, d] = leaf<Dev>(app_, "dev", "Start a server with a private PostgreSQL, for a first try", "pawl dev");
    option(dev, "--name", d->name, "NAME", "of the data directory: several stand side by side (default: default)");
    option(dev, "--data-dir", d->data_dir, "DIR", "the data directory, instead of the name");
    option(dev, "--listen", d->listen, "HOST:PORT", "port 0 takes a free one (default: that of the last time)")
        ->each([options = d](const std::string&) { options->listen_given = true; });
    add_loops(dev, d->loops);
    auto [server, s] = leaf<Server>(app_, "server", "Start a server on a PostgreSQL database",
                                    "pawl server --database postgresql://pawl_server@localhost/pawl");
    add_database(server, s->database);
    option(server, "--listen", s->listen, "HOST:PORT", "where clients come (default: 127.0.0.1:7295)");
    option(server, "--metrics-listen", s->metrics_listen, "HOST:PORT",
           "/metrics there for everyone, beside /metrics for this machine");
    option(server, "--node-name", s->node_name, "NAME", "this node's in lists (default: the host's)");
    option(server, "--allow-address", s->allow_addresses, "RANGE",
           "private addresses that HTTP calls may reach all the same: 10.0.0.0/8");
    add_loops(server, s->loops);
    server->add_flag("--unsafe-durability", s->unsafe_durability,
                     "start although PostgreSQL may lose commits (fsync off): for tests");
  }

  void definitions() {
    auto [deploy, d] =
        leaf<Deploy>(app_, "deploy", "Deploy definitions, YAML or JSON", "pawl deploy examples/orders/order.yaml");
    add_server(deploy, d->server);
    argument(deploy, "FILE", d->files, "definitions; - is standard input");
    deploy->add_flag("!--no-activate", d->activate, "do not make this the version that runs by default");
    auto [check, c] =
        leaf<Check>(app_, "check", "Show every problem of definitions, without a server", "pawl check order.yaml");
    argument(check, "FILE", c->files, "definitions; - is standard input");
    auto [eval, e] = leaf<Eval>(app_, "eval", "Evaluate an expression on each JSON value of standard input",
                                "echo '{\"a\": 1}' | pawl eval '.a + 1'");
    argument(eval, "EXPR", e->expression, "a jq expression");
    eval->add_flag("-n,--null-input", e->null_input, "evaluate once, on null, and read nothing");
    eval->add_flag("-r,--raw", e->raw, "print texts as they are, not as JSON");
  }

  void runs() {
    auto [run, r] = leaf<Run>(app_, "run", "Start a run", "pawl run shop/order --input '{\"id\": \"A7\"}' --wait");
    add_server(run, r->server);
    argument(run, "DEFINITION", r->definition, "namespace/name");
    option(run, "--input", r->input, "JSON", "JSON, @FILE, or - for standard input");
    option(run, "--version", r->version, "VERSION", "another than the active one");
    option(run, "--key", r->key, "KEY", "idempotency key: one key, one run (default: a random one)");
    option(run, "--queue", r->queue, "QUEUE", "of tasks whose definition names none");
    run->add_flag("--wait", r->wait, "wait until it has ended; exit 1 unless it completed");
    run->add_flag("--follow", r->follow, "print its events as they come; exit 1 unless it completed");
    option(run, "--wait-at-most", r->wait_at_most, "TIME", "give up waiting, not the run: 30s, 5m (default 24h)");
    one_run<Explain>(app_, "explain", "What exactly holds a run", "pawl explain RUN");
    CLI::App& all = group("runs", "List, show and steer runs", "pawl runs list");
    auto [list, l] = leaf<RunsList>(all, "list", "Newest first", "pawl runs list --status faulted");
    add_server(list, l->server);
    option(list, "--status", l->status, "STATUS", "running, waiting, completed, faulted, cancelled…");
    option(list, "--definition", l->definition, "NAME", "namespace/name");
    option(list, "--limit", l->limit, "N", "how many, 1 to 200 (default 50)")->check(CLI::Range(1, 200));
    option(list, "--cursor", l->cursor, "CURSOR", "go on where the last page ended");
    one_run<RunsShow>(all, "show", "One run with its input and output", "pawl runs show RUN");
    auto [wait, w] = leaf<RunsWait>(all, "wait", "Wait until runs have ended; exit 1 unless all completed",
                                    "pawl runs wait RUN --at-most 5m");
    add_server(wait, w->server);
    argument(wait, "RUN", w->ids, "their ids");
    option(wait, "--at-most", w->at_most, "TIME", "give up waiting, not the runs: 30s, 5m (default 24h)");
    one_run<RunsEvents>(all, "events", "A run's history", "pawl runs events RUN");
    auto [follow, f] = one_run<RunsFollow>(all, "follow", "A run's history as it comes; exit 1 unless it completed",
                                           "pawl runs follow RUN");
    option(follow, "--after", f->after, "SEQ", "only what comes behind this event");
    option(follow, "--at-most", f->at_most, "TIME", "give up following, not the run: 30s, 5m (default 24h)");
    auto [logs, o] =
        one_run<RunsLogs>(all, "logs", "What workers logged for a run's tasks", "pawl runs logs RUN --follow");
    logs->add_flag("--follow", o->follow, "print lines as they come, until the run has ended");
    one_run<RunsSteps>(all, "steps", "A run's tasks with their attempts and times", "pawl runs steps RUN");
    auto [cancel, c] =
        one_run<RunsCancel>(all, "cancel", "Cancel a run", "pawl runs cancel RUN --reason 'ordered twice'");
    option(cancel, "--reason", c->reason, "TEXT", "kept in the history");
  }

  template <class Options>
  std::pair<CLI::App*, Options*> one_run(CLI::App& under, const std::string& name, const std::string& what,
                                         const std::string& example) {
    auto made = leaf<Options>(under, name, what, example);
    add_server(made.first, made.second->server);
    argument(made.first, "RUN", made.second->id, "its id");
    return made;
  }

  void database() {
    CLI::App& db = group("db", "The database: schema and upkeep", "pawl db status");
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
    CLI::App& tenants = group("tenants", "Tenants", "pawl tenants list");
    auto [create, c] = leaf<TenantsCreate>(tenants, "create", "Create a tenant", "pawl tenants create acme");
    add_database(create, c->database, c->server);
    argument(create, "NAME", c->name, "its name");
    auto [list, l] = leaf<TenantsList>(tenants, "list", "All tenants", "pawl tenants list");
    add_database(list, l->database, l->server);
    CLI::App& token = group("token", "Bearer tokens", "pawl token list");
    auto [make, m] =
        leaf<TokenCreate>(token, "create", "Create a token; it is shown once", "pawl token create --tenant acme ci");
    add_database(make, m->database, m->server);
    add_tenant(make, m->tenant);
    argument(make, "NAME", m->name, "what it is for");
    option(make, "--expires-in", m->expires_in, "TIME", "30d, 12h… (default: never)");
    auto [tokens, t] = leaf<TokenList>(token, "list", "A tenant's tokens", "pawl token list --tenant acme");
    add_database(tokens, t->database, t->server);
    add_tenant(tokens, t->tenant);
    auto [revoke, r] = leaf<TokenRevoke>(token, "revoke", "Revoke a token", "pawl token revoke --tenant acme ID");
    add_database(revoke, r->database, r->server);
    add_tenant(revoke, r->tenant);
    argument(revoke, "ID", r->id, "the token's");
  }
  static void add_tenant(CLI::App* command, std::string& tenant) {
    option(command, "--tenant", tenant, "NAME", "the tenant's name (default: default)");
  }

  static std::string workload_names() {
    std::string text;
    for (const bench::WorkloadName& workload : bench::workloads())
      text += (text.empty() ? "" : ", ") + std::string(workload.name) + " (" + std::string(workload.what) + ")";
    return text;
  }

  void measuring() {
    auto [bench, b] =
        leaf<Bench>(app_, "bench", "Measure a running server, or plain SQL (floor)", "pawl bench start --in-flight 64");
    add_server(bench, b->server);
    add_database(bench, b->database);
    std::vector<std::string> names;
    for (const bench::WorkloadName& workload : bench::workloads()) names.emplace_back(workload.name);
    argument(bench, "WORKLOAD", b->workload, workload_names())->check(CLI::IsMember(names));
    option(bench, "--in-flight", b->in_flight, "N", "requests at once (default 64)")->check(CLI::Range(1, 10000));
    option(bench, "--seconds", b->seconds, "N", "how long (default 10); of timers: how long each run sleeps")
        ->check(CLI::Range(1, 3600));
    option(bench, "--count", b->count, "N", "how many runs, instead of how long");
    option(bench, "--rate", b->rate, "N", "starts a second, answered or not, instead of so many at once")
        ->check(CLI::Range(1, 1'000'000));
    option(bench, "--workers", b->workers, "N", "workers, of workloads that have one (default 1)")
        ->check(CLI::Range(1, 64));
    option(bench, "--batch", b->batch, "N", "tasks that a worker takes at once (default 100)")
        ->check(CLI::Range(1, 1000));
    option(bench, "--tenants", b->tenants, "N",
           "spread the starts over so many tenants; of tenants: how many are quiet")
        ->check(CLI::Range(1U, bench::tenants_most - 1));
    auto [env, e] =
        leaf<Env>(app_, "env", "Which server, token and database commands use, and who says so", "pawl env");
    add_server(env, e->server);
    add_database(env, e->database);
    leaf<Version>(app_, "version", "What this is", "pawl version");
  }

  CLI::App app_;
  std::string output_, log_level_ = "info";
  std::function<Command()> chosen_;
};

}  // namespace

std::expected<Invocation, Message> parse(int argc, const char* const* argv) { return Commands().parse(argc, argv); }

}  // namespace pawl::cli
