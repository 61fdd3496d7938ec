// run_to_end(), apart because co_spawn is heavy to read and to compile.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "pg/connection.h"

namespace pawl::pg {

template <class T>
T run_to_end(boost::asio::io_context& io, Awaitable<T> coroutine) {
  std::exception_ptr thrown;
  std::optional<T> result;
  bool ended = false;
  boost::asio::co_spawn(io.get_executor(), std::move(coroutine), [&](std::exception_ptr error, T value) {
    thrown = error;
    if (!error) result.emplace(std::move(value));
    ended = true;
  });
  io.restart();
  while (!ended && io.run_one() > 0) {}
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*result);
}

}  // namespace pawl::pg
