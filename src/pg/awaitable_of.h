// Turns a function that takes a callback into an awaitable; `start` is called when it is awaited.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "pg/connection.h"

namespace pawl::pg {

template <class T, class Start>
Awaitable<T> awaitable_of(Start start) {
  constexpr boost::asio::use_awaitable_t<Executor> awaited;
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void(T)>(
      [start = std::move(start)](auto handler) mutable {
        start([handler = std::move(handler)](T result) mutable { std::move(handler)(std::move(result)); });
      },
      awaited);
}

}  // namespace pawl::pg
