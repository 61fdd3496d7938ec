#include <algorithm>

#include "store/postgres/read_rows.h"
#include "store/reads/pipeline.h"

namespace pawl::store {

namespace {

void add_place(pg::Params& params, const std::optional<ListPlace>& after) {
  params.add(after ? std::optional(after->time) : std::nullopt).add(after ? std::optional(after->id) : std::nullopt);
}

DefinitionRow definition_row(const pg::Rows& rows, std::size_t row) {
  return {.id = rows.get<Uuid>(row, 0),
          .namespace_ = std::string(rows.text(row, 1)),
          .name = std::string(rows.text(row, 2)),
          .active_version = rows.maybe_text(row, 3),
          .created_at = rows.get<Time>(row, 4),
          .updated_at = rows.get<Time>(row, 5)};
}

VersionRow version_row(const pg::Rows& rows, std::size_t row) {
  return {.id = rows.get<Uuid>(row, 0),
          .version = std::string(rows.text(row, 1)),
          .active = rows.maybe<bool>(row, 2).value_or(false),
          .created_at = rows.get<Time>(row, 3)};
}

Result<std::optional<VersionDetail>> version_detail(const pg::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  Result<json::Value> document = read_json(rows.text(0, 9));
  if (!document) return fail(std::move(document.error()));
  const std::vector<std::uint8_t> source = rows.bytea(0, 7);
  return VersionDetail{.definition_id = rows.get<Uuid>(0, 0),
                       .version_id = rows.get<Uuid>(0, 1),
                       .namespace_ = std::string(rows.text(0, 2)),
                       .name = std::string(rows.text(0, 3)),
                       .version = std::string(rows.text(0, 4)),
                       .active = rows.maybe<bool>(0, 5).value_or(false),
                       .created_at = rows.get<Time>(0, 6),
                       .source = std::string(source.begin(), source.end()),
                       .source_type = std::string(rows.text(0, 8)),
                       .document = std::move(*document)};
}

}  // namespace

void Reads::definitions(Uuid tenant, PageOptions page, Done<Page<DefinitionRow>> then) {
  const std::uint32_t limit = bounded(page.limit);
  pg::Params params;
  params.add(tenant);
  add_place(params, page.after);
  params.add(one_more(limit));
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_definitions.sql"), std::move(params));
  ask<Page<DefinitionRow>>(
      std::move(pipeline),
      [limit](const pg::Results& results) -> Result<Page<DefinitionRow>> {
        return page_of<DefinitionRow>(results[first], limit, definition_row,
                                      [](const DefinitionRow& last) { return ListPlace{last.created_at, last.id}; });
      },
      std::move(then));
}

void Reads::definition(Uuid tenant, std::string namespace_, std::string name, std::string version,
                       Done<std::optional<VersionDetail>> then) {
  pg::Params params;
  params.add(tenant).add(namespace_).add(name).add(version.empty() ? std::nullopt : std::optional(version));
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_definition_version.sql"), std::move(params));
  ask<std::optional<VersionDetail>>(
      std::move(pipeline), [](const pg::Results& results) { return version_detail(results[first]); }, std::move(then));
}

void Reads::versions(Uuid tenant, std::string namespace_, std::string name, PageOptions page,
                     Done<Page<VersionRow>> then) {
  const std::uint32_t limit = bounded(page.limit);
  pg::Params params;
  params.add(tenant).add(namespace_).add(name);
  add_place(params, page.after);
  params.add(one_more(limit));
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_definition_versions.sql"), std::move(params));
  ask<Page<VersionRow>>(
      std::move(pipeline),
      [limit](const pg::Results& results) -> Result<Page<VersionRow>> {
        return page_of<VersionRow>(results[first], limit, version_row,
                                   [](const VersionRow& last) { return ListPlace{last.created_at, last.id}; });
      },
      std::move(then));
}

}  // namespace pawl::store
