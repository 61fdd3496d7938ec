// The one error type: what a caller can act on. Becomes an RFC 9457 problem document at the border.
#pragma once

#include <expected>
#include <functional>
#include <string>

namespace pawl {

// `code` is stable, kebab-case and documented (docs/errors.md); `status` the HTTP status that it gets at the border.
// `instance` names the place (a JSON pointer, a limit's name); `hint` says what to do. Empty members are left out.
struct Problem {
  int status = 500;
  std::string code, title, detail, instance, hint;
};

template <class T>
using Result = std::expected<T, Problem>;

// Called exactly once, on the thread of the room that took it, unless that room is destroyed first: then never.
template <class T>
using Done = std::move_only_function<void(Result<T>)>;

inline std::unexpected<Problem> fail(Problem problem) { return std::unexpected(std::move(problem)); }

}  // namespace pawl
