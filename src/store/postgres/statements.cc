#include "store/postgres/statements.h"

#include <algorithm>
#include <cstdlib>

#include "store/embedded.h"

namespace pawl::store {

pg::Statement statement(std::string_view file) {
  const auto all = embedded::files();
  const auto found = std::ranges::find(all, file, &embedded::File::name);
  if (found == all.end()) std::abort();
  return {.name = found->name, .sql = found->text};
}

}  // namespace pawl::store
