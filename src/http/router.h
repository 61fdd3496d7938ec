// Which handler answers a method and a path.
//
// A pattern is a path whose segments are literal (`v1`, `tasks:complete`), a parameter (`{id}`), or a parameter with a
// literal end (`{id}:cancel`). Of several patterns that match a path the one with the most literal text wins, so a verb
// goes before the plain parameter; then the method decides. HEAD is answered as GET is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace pawl::http {

// The values of a pattern's parameters, percent-decoded, never empty, UTF-8 without U+0000.
class PathParameters {
 public:
  void add(std::string_view name, std::string value) { values_.emplace_back(name, std::move(value)); }
  const std::string& operator[](std::string_view name) const;  // must be in the pattern

 private:
  std::vector<std::pair<std::string_view, std::string>> values_;
};

using RouteHandler = std::function<void(Request, PathParameters, Responder)>;

class Router {
 public:
  struct Route {
    std::string method, pattern;
  };

  // Patterns are added before the first request; one that is malformed or there already aborts.
  void add(std::string_view method, std::string_view pattern, RouteHandler handler);

  // Answers 404 `not-found` for a path that no pattern matches, 405 `method-not-allowed` with Allow for a method that
  // the path has not, 400 `malformed-request` for a parameter that does not decode.
  void operator()(Request request, Responder respond) const;

  std::vector<Route> routes() const;  // in order of addition

 private:
  struct Segment {
    std::string literal;    // all of it; or, with a parameter, its end
    std::string parameter;  // empty: none
  };
  struct Entry {
    Route route;
    std::vector<Segment> segments;
    std::size_t literal_bytes = 0;
    RouteHandler handler;
  };
  static bool matches(const Entry& entry, const std::vector<std::string_view>& path);
  std::vector<const Entry*> candidates(const std::vector<std::string_view>& path) const;

  std::vector<Entry> entries_;
};

}  // namespace pawl::http
