#include "simulation/workflows.h"

#include <algorithm>

namespace pawl::simulation {

namespace {

constexpr Workflow all[] = {
    {"set", R"(
document: {dsl: 1.0.0, namespace: sim, name: set, version: 1.0.0}
do:
  - a: {set: {n: "${ .n + 1 }"}}
  - b: {set: {n: "${ .n * 2 }"}}
)"},
    {"chain", R"(
document: {dsl: 1.0.0, namespace: sim, name: chain, version: 1.0.0}
do:
  - one: {call: shop.one, with: {n: "${ .n }"}}
  - two: {call: shop.two, with: {previous: "${ . }"}}
  - three: {call: shop.three, metadata: {pawl: {queue: slow}}}
)"},
    {"http", R"(
document: {dsl: 1.0.0, namespace: sim, name: http, version: 1.0.0}
do:
  - t:
      try:
        - pay: {call: http, with: {method: post, endpoint: "http://shop.example/pay", body: {n: "${ .n }"}}}
      catch:
        errors: {with: {status: 503}}
        retry: {delay: PT1S, backoff: {exponential: {}}, limit: {attempt: {count: 3}}}
        do:
          - failed: {set: {paid: false}}
  - tell: {call: shop.tell}
)"},
    {"loop", R"(
document: {dsl: 1.0.0, namespace: sim, name: loop, version: 1.0.0}
do:
  - each:
      for: {each: item, in: "${ [range(4)] }"}
      do:
        - book: {call: shop.book, with: {item: "${ $item }"}}
)"},
    {"fork", R"(
document: {dsl: 1.0.0, namespace: sim, name: fork, version: 1.0.0}
do:
  - both:
      fork:
        branches:
          - x: {call: shop.x}
          - y: {call: http, with: {method: get, endpoint: "http://shop.example/y"}}
          - z:
              do:
                - pause: {wait: {seconds: 1}}
                - work: {call: shop.z, metadata: {pawl: {queue: slow}}}
)"},
    {"pair", R"(
document: {dsl: 1.0.0, namespace: sim, name: pair, version: 1.0.0}
do:
  - both:
      fork:
        branches:
          - x: {call: shop.x}
          - one: {call: shop.one}
)"},
    {"wait", R"(
document: {dsl: 1.0.0, namespace: sim, name: wait, version: 1.0.0}
do:
  - first: {wait: {seconds: 2}}
  - then: {call: shop.after}
  - second: {wait: {milliseconds: 300}}
)"},
    {"timeout", R"(
document: {dsl: 1.0.0, namespace: sim, name: timeout, version: 1.0.0}
do:
  - t:
      try:
        - slow: {call: shop.slow, timeout: {after: PT2S}}
      catch:
        errors: {with: {status: 408}}
        do:
          - instead: {call: shop.instead}
)"},
    {"retry", R"(
document: {dsl: 1.0.0, namespace: sim, name: retry, version: 1.0.0}
do:
  - t:
      try:
        - first: {call: shop.first}
        - second: {call: shop.second}
      catch:
        errors: {}
        retry: {delay: PT0.5S, limit: {attempt: {count: 4}}}
        do:
          - given: {set: {up: true}}
)"},
    {"count", R"(
document: {dsl: 1.0.0, namespace: sim, name: count, version: 1.0.0}
do:
  - start: {set: {count: 0}}
  - step: {call: shop.step, with: {count: "${ .count }"}, export: {as: "${ {count: (($context.count // 0) + 1)} }"}}
  - again:
      switch:
        - more: {when: "${ $context.count < 3 }", then: step}
        - enough: {then: done}
  - done: {set: {count: "${ $context.count }"}}
)"},
    {"cut", R"(
document: {dsl: 1.0.0, namespace: sim, name: cut, version: 1.0.0}
do:
  - many:
      for: {each: item, in: "${ [range(60)] }"}
      do:
        - a: {set: {item: "${ $item }"}}
  - tell: {call: shop.tell}
)"},
    {"deadline", R"(
document: {dsl: 1.0.0, namespace: sim, name: deadline, version: 1.0.0}
timeout: {after: PT6S}
do:
  - one: {call: shop.one, metadata: {pawl: {queue: slow}}}
  - pause: {wait: {seconds: 3}}
  - two: {call: shop.two, metadata: {pawl: {queue: slow}}}
)"},
};

}  // namespace

std::span<const Workflow> workflows() { return all; }

std::string_view source_of(std::string_view name) { return std::ranges::find(all, name, &Workflow::name)->source; }

}  // namespace pawl::simulation
