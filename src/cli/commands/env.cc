#include <algorithm>

#include "base/version.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "http/client.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

constexpr std::size_t shown_of_token = 9;  // enough to tell one from another, and no help to who reads the screen
constexpr std::chrono::milliseconds patience{2'000};

struct Line {
  std::string name;
  Setting setting;
  std::string state;
};

std::string masked(const std::string& token) {
  return token.empty() ? token : token.substr(0, std::min(shown_of_token, token.size() / 3)) + "…";
}

// Passwords stay where they are: in URLs between the user's colon and the @, in conninfos after password=.
std::string without_password(std::string text) {
  const std::size_t scheme = text.find("://");
  if (scheme != std::string::npos) {
    const std::size_t host = std::min(text.find('/', scheme + 3), text.size());
    const std::size_t at = text.rfind('@', host);
    const std::size_t colon = text.find(':', scheme + 3);
    if (at != std::string::npos && at > scheme && colon < at) text.replace(colon + 1, at - colon - 1, "…");
  }
  constexpr std::string_view member = "password=";
  if (const std::size_t begin = text.find(member); begin != std::string::npos) {
    const std::size_t value = begin + member.size();
    text.replace(value, std::min(text.find_first_of(" &", value), text.size()) - value, "…");
  }
  return text;
}

// What the server says of itself, and then what it says of the token.
std::pair<std::string, std::string> ask(const FoundServer& found) {
  http::Client client({.url = found.url.value,
                       .token = found.token.value,
                       .connect_time = patience,
                       .answer_time = patience,
                       .retries = 0});
  const auto ready = client.send("GET", "/readyz");
  if (!ready) return {ready.error().code, ""};
  const std::string server = ready->status == 200 ? "ready" : "not ready";
  const auto runs = client.send("GET", "/v1/runs?limit=1");
  if (!runs) return {server, runs.error().code};
  if (runs->status == 401) return {server, found.token.value.empty() ? "none is known" : "refused"};
  return {server, runs->status == 200 ? "accepted" : "not known: the server answers " + std::to_string(runs->status)};
}

}  // namespace

int run(const Env& options, const Terminal& terminal) {
  std::vector<Line> lines;
  const auto server = find_server(options.server);
  if (server) {
    const auto [of_server, of_token] = ask(*server);
    lines.push_back({"server", server->url, of_server});
    lines.push_back({"token", {masked(server->token.value), server->token.source}, of_token});
  }
  const auto database = find_database_setting(options.database, options.server);
  if (database) lines.push_back({"database", {without_password(database->value), database->source}, ""});
  lines.push_back({"version", {std::string(version()), "this pawl"}, ""});
  if (terminal.json()) {
    json::ObjectBuilder all;
    for (const Line& each : lines) {
      json::ObjectBuilder one;
      one.add("value", each.setting.value).add("from", each.setting.source);
      if (!each.state.empty()) one.add("state", each.state);
      all.add(each.name, one.finish());
    }
    terminal.value(all.finish());
  } else {
    std::vector<Row> rows;
    for (const Line& each : lines) rows.push_back({each.name, each.setting.value, each.setting.source, each.state});
    terminal.table({"WHAT", "VALUE", "FROM", "STATE"}, rows, "");
  }
  return server ? Exit::done : terminal.problem(server.error());
}

}  // namespace pawl::cli
