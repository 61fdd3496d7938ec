// Deploying a definition. One transaction; any number of servers may deploy at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "base/problem.h"
#include "base/uuid.h"
#include "dsl/program.h"
#include "pg/pool.h"

namespace pawl::store {

struct Deployment {
  Uuid tenant;
  std::shared_ptr<const dsl::Program> program;  // what `source` compiled to
  std::string source, source_type;              // as it was sent; its media type
  bool activate = true;                         // starts without a version use this one from now on
};

struct Deployed {
  Uuid definition, version;
  bool created = false;  // false: this document was there under this version already
  bool active = false;   // now
};

struct DefinitionSettings {
  std::string conninfo;  // of a login that may become pawl_engine
  std::size_t connections = 1;
  Microseconds timeout = std::chrono::seconds(20);
};

// One thread, that of the io_context.
class Definitions {
 public:
  Definitions(boost::asio::io_context& io, DefinitionSettings settings);

  // The same document (by the hash of its canonical form) under the same version changes nothing but, perhaps, what is
  // active. Problems: 409 `version-exists` (another document has this version), 404 `tenant-unknown`.
  void deploy(Deployment deployment, Done<Deployed> then);

 private:
  DefinitionSettings settings_;
  pg::Pool pool_;
};

}  // namespace pawl::store
