#include "store/definitions.h"

#include <algorithm>
#include <utility>

#include "json/write.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

// Ids follow from names, so that two servers that deploy the same thing at once mean the same rows.
Uuid definition_id(const Deployment& deployment) {
  return Uuid::version8(
      sha256_parts({deployment.tenant.text(), "definition", deployment.program->namespace_, deployment.program->name}));
}

Uuid version_id(const Deployment& deployment) {
  return Uuid::version8(sha256_parts({deployment.tenant.text(), "version", deployment.program->namespace_,
                                      deployment.program->name, deployment.program->version}));
}

pg::Pipeline pipeline_of(const Deployment& deployment) {
  const dsl::Program& program = *deployment.program;
  pg::Params definition, version, activation, answer;
  definition.add(deployment.tenant).add(definition_id(deployment)).add(program.namespace_).add(program.name);
  const std::string document = json::to_text(program.document);
  version.add(deployment.tenant)
      .add(program.namespace_)
      .add(program.name)
      .add(version_id(deployment))
      .add(program.version)
      .add(pg::Bytea{{reinterpret_cast<const std::uint8_t*>(deployment.source.data()), deployment.source.size()}})
      .add(deployment.source_type)
      .add(pg::Jsonb{document})
      .add(pg::Bytea{program.sha256});
  activation.add(deployment.tenant)
      .add(program.namespace_)
      .add(program.name)
      .add(program.version)
      .add(pg::Bytea{program.sha256});
  answer.add(deployment.tenant).add(program.namespace_).add(program.name).add(program.version);

  pg::Pipeline pipeline;
  pipeline.begin()
      .add(statement("deploy_definition.sql"), std::move(definition))
      .add(statement("deploy_version.sql"), std::move(version));
  if (deployment.activate) pipeline.add(statement("deploy_activate.sql"), std::move(activation));
  pipeline.add(statement("deploy_answer.sql"), std::move(answer)).commit();
  return pipeline;
}

Problem version_exists(const dsl::Program& program) {
  return {.status = 409,
          .code = "version-exists",
          .title = "This version exists with another document",
          .detail = program.namespace_ + "/" + program.name + " " + program.version +
                    " was deployed before, and versions do not change.",
          .instance = "/document/version",
          .hint = "Raise document.version, or deploy the document as it was."};
}

Problem refusal_of(const pg::Error& error) {
  if (error.constraint.starts_with("workflow_definitions_tenant_fk")) {
    return {.status = 404,
            .code = "tenant-unknown",
            .title = "There is no such tenant",
            .detail = {},
            .instance = {},
            .hint = {}};
  }
  return pg::problem_of(error);
}

// The last but one statement is the answer: the definition, the version, its hash, and whether it is active.
Result<Deployed> read_answer(const pg::Results& results, const dsl::Program& program) {
  const pg::Rows& inserted = results.at(2);
  const pg::Rows& row = results.at(results.size() - 2);
  const std::vector<std::uint8_t> stored = row.bytea(0, 2);
  if (!std::ranges::equal(stored, program.sha256)) return fail(version_exists(program));
  return Deployed{.definition = row.get<Uuid>(0, 0),
                  .version = row.get<Uuid>(0, 1),
                  .created = inserted.affected() == 1,
                  .active = row.maybe<bool>(0, 3).value_or(false)};
}

}  // namespace

Definitions::Definitions(boost::asio::io_context& io, DefinitionSettings settings)
    : settings_(std::move(settings)),
      pool_(io, pg::PoolOptions{.connect = {.conninfo = settings_.conninfo,
                                            .role = "pawl_engine",
                                            .settings = {{"lock_timeout", "5s"}, {"statement_timeout", "10s"}},
                                            .application_name = "pawl definitions"},
                                .connections = settings_.connections}) {}

void Definitions::deploy(Deployment deployment, Done<Deployed> then) {
  pg::Pipeline pipeline = pipeline_of(deployment);
  pool_.send(std::move(pipeline), settings_.timeout,
             [program = deployment.program, then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
               if (!answer) return then(fail(refusal_of(answer.error())));
               then(read_answer(*answer, *program));
             });
}

}  // namespace pawl::store
