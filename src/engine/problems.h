// The engine's own problems; docs/errors.md explains each code.
#pragma once

#include <string>

#include "base/problem.h"

namespace pawl::engine {

inline Problem overloaded(std::string limit) {
  return {.status = 429,
          .code = "overloaded",
          .title = "More is waiting than can be kept",
          .detail = "",
          .instance = std::move(limit),
          .hint = "Try again after a second; with the same idempotency key nothing is done twice."};
}

inline Problem unavailable(std::string detail) {
  return {.status = 503,
          .code = "store-unavailable",
          .title = "The database could not be written in time",
          .detail = std::move(detail),
          .instance = "",
          .hint = "Try again after a second; with the same idempotency key nothing is done twice."};
}

inline Problem lane_unowned() {
  return {.status = 503,
          .code = "lane-unowned",
          .title = "No engine owns this run's lane at the moment",
          .detail = "",
          .instance = "",
          .hint = "Try again after a second: lanes are taken over when a server starts or another one dies."};
}

inline Problem shutting_down() {
  return {.status = 503,
          .code = "shutting-down",
          .title = "The server is stopping",
          .detail = "",
          .instance = "",
          .hint = "Try again after a second, or at another server."};
}

inline Problem run_not_found() {
  return {.status = 404,
          .code = "run-not-found",
          .title = "There is no such run",
          .detail = "",
          .instance = "",
          .hint = ""};
}

inline Problem run_quarantined(std::string why) {
  return {.status = 409,
          .code = "run-quarantined",
          .title = "The run's history could not be read, so nothing is decided for it",
          .detail = std::move(why),
          .instance = "",
          .hint = "`pawl runs show` has it as suspendedReason; `pawl verify` names what is wrong."};
}

}  // namespace pawl::engine
