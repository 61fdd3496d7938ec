#include "expr/library.h"

#include <algorithm>
#include <span>

#include "expr/compiler.h"
#include "expr/native.h"
#include "expr/parser.h"

namespace pawl::expr {

namespace {

// The built-in functions that are best said in the language itself; their meaning is that of the jq 1.7 manual. Each
// sees those above it.
constexpr std::string_view source = R"jq(
def recurse(f): def r: ., (f | r); r;
def recurse: recurse(.[]?);
def recurse(f; condition): def r: ., (f | select(condition) | r); r;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);
def map_values(f): .[] |= f;
def del(f): delpaths([path(f)]);
def paths: path(..) | select(length > 0);
def paths(condition): . as $root | paths | select(. as $path | $root | getpath($path) | condition);
def leaf_paths: paths(scalars);
def pick(f): . as $root | reduce path(f) as $path (null; setpath($path; $root | getpath($path)));
def with_entries(f): to_entries | map(f) | from_entries;
def add(f): reduce f as $x (null; . + $x);
def any: isempty(first(.[] | select(.))) | not;
def all: isempty(first(.[] | select(. | not)));
def any(f): isempty(first(.[] | f | select(.))) | not;
def all(f): isempty(first(.[] | f | select(. | not)));
def any(generator; f): isempty(first(generator | f | select(.))) | not;
def all(generator; f): isempty(first(generator | f | select(. | not)));
def in(container): . as $key | container | has($key);
def sort_by(f): _sort_by(map([f]));
def group_by(f): _group_by(map([f]));
def unique_by(f): _unique_by(map([f]));
def min_by(f): _min_by(map([f]));
def max_by(f): _max_by(map([f]));
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("nth doesn't support negative indices") else last(limit($n + 1; f)) end;
def skip($n; f):
  if $n > 0 then foreach f as $x ($n; . - 1; if . < 0 then $x else empty end)
  elif $n == 0 then f
  else error("Invalid arguments to skip") end;
def index($x): indices($x) | .[0];
def rindex($x): indices($x) | .[-1:][0];
def until(condition; update): def u: if condition then . else update | u end; u;
def while(condition; update): def w: if condition then ., (update | w) else empty end; w;
def repeat(f): def r: f, r; r;
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $rest | [$x] + $rest end;
def combinations(n): . as $x | [range(n)] | map($x) | combinations;
def walk(f):
  def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f;
  w;
def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def fromstream(f):
  {x: null, e: false} as $init
  | foreach f as $i ($init;
      if .e then $init else . end
      | if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1])
        else setpath(["e"]; $i[0] | length == 1) end;
      if .e then .x else empty end);
def truncate_stream(stream): . as $n | null | stream | . as $input | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def todateiso8601: todate;
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def fromdate: fromdateiso8601;
def date: todate;
def dateadd(unit; n): . + n;
def datesub(unit; n): . - n;
def match($re; $flags): _match($re; $flags; false) | .[];
def match($re): match($re; null);
def test($re; $flags): _match($re; $flags; true);
def test($re): test($re; null);
def capture($re; $flags): match($re; $flags) | _capture;
def capture($re): capture($re; null);
def scan($re; $flags):
  match($re; "g" + $flags) | if .captures | length > 0 then [.captures[].string] else .string end;
def scan($re): scan($re; null);
def split($re; $flags): _split($re; $flags);
def splits($re; $flags): split($re; $flags) | .[];
def splits($re): splits($re; null);
def sub($re; replacement; $flags):
  [_match($re; $flags; false) | .[] | [., [_capture | replacement]]] as $edits | _substitute($edits) | .[];
def sub($re; replacement): sub($re; replacement; "");
def gsub($re; replacement; $flags): sub($re; replacement; $flags + "g");
def gsub($re; replacement): sub($re; replacement; "g");
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; stream; key): stream | [., $index[key]];
def JOIN($index; stream; key; join): stream | [., $index[key]] | join;
def isvalid(f): try (f | true) catch false;
def recurse_down: recurse;
def scalars_or_empty: scalars;
def IN(s): any(s == .; .);
def IN(source; s): any(source == s; .);
)jq";

std::string key(std::string_view name, std::size_t arity) { return std::string(name) + "/" + std::to_string(arity); }

struct Name {
  std::string_view name;
  std::size_t arity;
};

constexpr Name forbidden[] = {{"env", 0},
                              {"input", 0},
                              {"inputs", 0},
                              {"input_filename", 0},
                              {"debug", 0},
                              {"debug", 1},
                              {"stderr", 0},
                              {"input_line_number", 0},
                              {"halt", 0},
                              {"halt_error", 0},
                              {"halt_error", 1},
                              {"modulemeta", 0},
                              {"get_search_list", 0},
                              {"get_jq_origin", 0},
                              {"get_prog_origin", 0},
                              {"$__prog_args", 0}};

// Of jq 1.7, not here yet.
constexpr Name unsupported[] = {{"jn", 2}, {"yn", 2}};

bool is_among(std::span<const Name> names, std::string_view name, std::size_t arity) {
  return std::ranges::any_of(names, [&](const Name& one) { return one.name == name && one.arity == arity; });
}

}  // namespace

Library::Library() {
  const Syntax syntax = parse_definitions(source);
  Compiler compiler(syntax, source, {}, nullptr);
  for (const Compiler::Definition& definition : compiler.compile_definitions(functions_)) {
    by_name_[key(definition.name, definition.arity)] = definition.function;
  }
}

const Library& Library::instance() {
  static const Library library;
  return library;
}

const Function* Library::find(std::string_view name, std::size_t arity) const {
  const auto found = by_name_.find(key(name, arity));
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<std::string> Library::names() const {
  std::vector<std::string> all;
  for (const auto& [name, function] : by_name_) all.push_back(name);
  for (const Native& native : natives()) all.push_back(key(native.name, native.arity));
  for (std::string& special : special_forms()) all.push_back(std::move(special));
  std::erase_if(all, [](const std::string& name) { return name.starts_with('_'); });
  std::sort(all.begin(), all.end());
  return all;
}

bool is_forbidden(std::string_view name, std::size_t arity) { return is_among(forbidden, name, arity); }

bool is_unsupported(std::string_view name, std::size_t arity) { return is_among(unsupported, name, arity); }

}  // namespace pawl::expr
