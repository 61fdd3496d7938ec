// PostgresStorage's way to its side connections, for the files that it is made of.
#pragma once

#include <utility>

#include "store/postgres/storage.h"

namespace pawl::store {

template <class T, class Read>
void PostgresStorage::ask(pg::Pipeline pipeline, Read read, Done<T> then) {
  side_.send(std::move(pipeline), settings_.load_timeout,
             [read = std::move(read), then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
               if (!answer) return then(fail(pg::problem_of(answer.error())));
               then(read(*answer));
             });
}

}  // namespace pawl::store
