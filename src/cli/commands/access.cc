#include "access/tenants.h"
#include "access/tokens.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

std::string moment(const std::optional<Time>& time) { return time ? format_time(*time) : std::string(); }

json::Value token_value(const access::Token& token) {
  json::ObjectBuilder value;
  value.add("id", token.id.text()).add("name", token.name).add("createdAt", format_time(token.created_at));
  if (token.expires_at) value.add("expiresAt", format_time(*token.expires_at));
  if (token.revoked_at) value.add("revokedAt", format_time(*token.revoked_at));
  return value.finish();
}

}  // namespace

int run(const TenantsCreate& options, const Terminal& terminal) {
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  const auto tenant = access::create_tenant(*database, options.name);
  if (!tenant) return terminal.problem(tenant.error());
  if (terminal.json()) {
    terminal.value(json::Value::object({{"id", tenant->id.text()}, {"name", tenant->name}}));
  } else if (terminal.ids()) {
    terminal.line(tenant->name);
  } else {
    terminal.line("created " + tenant->name + " (" + tenant->id.text() + ")");
  }
  return Exit::done;
}

int run(const TenantsList& options, const Terminal& terminal) {
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  const auto tenants = access::list_tenants(*database);
  if (!tenants) return terminal.problem(tenants.error());
  json::ArrayBuilder values;
  std::vector<Row> rows;
  for (const access::Tenant& each : *tenants) {
    rows.push_back({each.name, each.id.text(), format_time(each.created_at)});
    values.add(json::Value::object(
        {{"id", each.id.text()}, {"name", each.name}, {"createdAt", format_time(each.created_at)}}));
  }
  if (terminal.json()) {
    terminal.value(json::Value::object({{"items", values.finish()}}));
  } else {
    terminal.table({"TENANT", "ID", "CREATED"}, rows, "no tenants");
  }
  return Exit::done;
}

int run(const TokenCreate& options, const Terminal& terminal) {
  std::optional<Microseconds> lasts;
  if (!options.expires_in.empty()) {
    lasts = parse_duration(options.expires_in);
    if (!lasts) {
      return terminal.problem({.status = 400,
                               .code = "usage",
                               .title = "--expires-in is not a duration",
                               .detail = options.expires_in,
                               .instance = {},
                               .hint = "30d, 12h, PT1H"});
    }
  }
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  const auto token = access::create_token(*database, options.tenant, options.name, lasts);
  if (!token) return terminal.problem(token.error());
  if (terminal.json()) {
    json::ObjectBuilder value;
    value.add("id", token->token.id.text()).add("token", token->text);
    if (token->token.expires_at) value.add("expiresAt", format_time(*token->token.expires_at));
    terminal.value(value.finish());
  } else {
    terminal.line(token->text);
    terminal.note("Keep it: it is not shown again. Its id is " + token->token.id.text() + ".");
  }
  return Exit::done;
}

int run(const TokenList& options, const Terminal& terminal) {
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  const auto tokens = access::list_tokens(*database, options.tenant);
  if (!tokens) return terminal.problem(tokens.error());
  json::ArrayBuilder values;
  std::vector<Row> rows;
  for (const access::Token& each : *tokens) {
    rows.push_back(
        {each.id.text(), each.name, format_time(each.created_at), moment(each.expires_at), moment(each.revoked_at)});
    values.add(token_value(each));
  }
  if (terminal.json()) {
    terminal.value(json::Value::object({{"items", values.finish()}}));
  } else {
    terminal.table({"ID", "NAME", "CREATED", "EXPIRES", "REVOKED"}, rows, "no tokens");
  }
  return Exit::done;
}

int run(const TokenRevoke& options, const Terminal& terminal) {
  const auto id = Uuid::parse(options.id);
  if (!id) {
    return terminal.problem({.status = 400,
                             .code = "usage",
                             .title = "Not a token's id",
                             .detail = options.id,
                             .instance = {},
                             .hint = "pawl token list shows them"});
  }
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  const auto revoked = access::revoke_token(*database, options.tenant, *id);
  if (!revoked) return terminal.problem(revoked.error());
  if (terminal.json()) {
    terminal.value(json::Value::object({{"id", id->text()}, {"revoked", true}}));
  } else {
    terminal.line("revoked; servers that know it will refuse it within five seconds");
  }
  return Exit::done;
}

}  // namespace pawl::cli
