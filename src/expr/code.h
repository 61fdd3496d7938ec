// The compiled form: functions of instructions for a stack machine with backtracking (machine.h).
//
// An expression turns the value on top of the stack, its input, into its result, once per result: when a later
// instruction backtracks, the machine goes back to the youngest choice and continues there with the next one.
// The idea is that of jq (its wiki, "jq Internals: backtracking"), and of Prolog's abstract machine before it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "json/value.h"

namespace pawl::expr {

// Stack effects are written [below, top] → [below, top]; slots are variables of the frame.
enum class Op : std::uint8_t {
  constant,       // [.] → [constant b]
  push_constant,  // [] → [constant b]
  load,           // [.] → [slot b of the frame a levels out]
  push_load,      // [] → the same
  load_global,    // [.] → [variable b of the program's frame]
  push_global,    // [] → the same
  store,          // [x] → []; slot b
  take,           // [] → [slot b], which becomes null, so that nobody else holds the value
  store_state,    // as store, with the path of the value in slot b + 1
  take_state,     // as take, with that path
  duplicate,      // [x] → [x, x]
  swap,           // [x, y] → [y, x]
  drop,           // [x] → []
  nip,            // [x, y] → [y]
  pick,           // [] → [copy of what lies a below the top]
  inner_begin,    // from here to inner_end no paths are followed: what is computed is an argument
  inner_end,
  field,          // [x] → [x.constant b]
  index,          // [key, x] → [x[key]]
  slice,          // [from?, to?, x] → [x[from:to]]; bits 1 and 2 of a say which bounds there are
  iterate,        // [x] → [item], a choice per item
  range,          // [by, to, from] → [number], a choice per number
  jump,           // to b
  jump_if_false,  // [x] → []; to b
  fork,           // a choice: go on; later continue at b
  backtrack,
  to_boolean,
  negate,
  arithmetic,         // [right, left] → [result]; a is the Arithmetic, b = 1: [left, right]
  comparison,         // the same; a is the Comparison
  collect_begin,      // slot b becomes []
  collect,            // [x] → appended to slot b, then backtrack
  object_begin,       // [x] → [x, {}]
  insert,             // [object, key, value] → [object]
  insert_constant,    // [object, value] → [object] with the key constant b
  format,             // [x] → [text] by Format a
  concatenate,        // [last, …, first] → [text]; a pieces
  call,               // the call site b
  call_parameter,     // the closure b of the frame a levels out
  native,             // [last argument, …, first, x] → [result] by native b
  finish,             // the function's end: the result is on top
  path_begin,         // follow paths from the value on top; slots b … b + 2 keep what was followed before
  path_end,           // [x] → [path of x]
  follow,             // [path, x] → [x at path], followed step by step (getpath)
  try_begin,          // an error goes to b with the error's value in place of the input; slot a
  try_end,            // errors raised from here on are not caught by it
  alternative_begin,  // a choice for b, taken when no result of what follows was true; slot a
  alternative_test,   // [x] → [x]; backtracks when x is false or null; slot a
  mark,         // remembers the choices there are in slot a, and adds one that continues at b (at none: backtracks)
  cut,          // drops the choices made since mark of slot a, that one included
  leave,        // cut to slot b of the frame a levels out, then backtrack
  limit_begin,  // [n] → []; counts in slot a + 1 what passes limit_count; slot a as mark
  limit_count,
  modify_begin,  // [x] → []; slots b … b + 2: the state, the path at work, the paths to delete
  make_path,     // [first, …, last] → []; slot b becomes the path of a keys
  modify_take,   // [] → [value at the path], null in its place
  modify_put,    // [value] → []; put at the path
  modify_drop,   // [] → []; the path will be deleted
  modify_end,    // [.] → [state]
};

enum class Arithmetic : std::uint8_t { add, subtract, multiply, divide, modulo };
enum class Comparison : std::uint8_t { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

inline constexpr std::uint32_t nowhere = UINT32_MAX;  // the target of a mark that nothing continues at

struct Instruction {
  Op op;
  std::uint16_t a = 0;
  std::uint32_t b = 0;
};

static_assert(sizeof(Instruction) == 8);

struct Function;

struct Argument {
  enum class Kind : std::uint8_t { closure, parameter, value } kind = Kind::closure;
  const Function* function = nullptr;  // closure: what to run, in the frame `level` levels out
  std::uint16_t level = 0;             // parameter: hand on closure `index` of that frame
  std::uint16_t index = 0;             // value: what slot `index` of the calling frame holds
};

struct CallSite {
  static constexpr std::uint16_t no_frame = UINT16_MAX;
  const Function* function = nullptr;
  std::uint16_t level = 0;   // of the frame that the function was defined in; no_frame for built-in functions
  bool keeps_frame = false;  // an argument or the function needs the calling frame: no tail call
  std::vector<Argument> arguments;
};

// What a `def`, an argument or a whole program is compiled to.
struct Function {
  std::string name;
  std::uint16_t slots = 0;
  std::vector<std::uint16_t> value_slots;  // per parameter: where a `$name` goes, or no_slot for a closure
  std::vector<Instruction> code;
  std::vector<json::Value> constants;
  std::vector<CallSite> calls;

  static constexpr std::uint16_t no_slot = UINT16_MAX;
};

// A compiled program. The functions point to each other and to those of the built-in library, which lives as long as
// the process.
struct Code {
  std::string source;
  const Function* main = nullptr;
  std::vector<std::unique_ptr<Function>> functions;
  std::vector<bool> used_variables;
  bool is_identity = false;
};

}  // namespace pawl::expr
