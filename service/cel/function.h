// Function: a function that expressions may call, with its overloads.
//
// Thread-safety: plain data; implementations are called from any thread and must be pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/cel/arena.h"
#include "service/cel/type.h"
#include "service/cel/value.h"

namespace kulanz::cel {

// What an implementation may use during one call.
class CallContext {
 public:
  CallContext(Arena& arena, std::int64_t steps) : arena_(arena), steps_(steps) {}
  Arena& arena() { return arena_; }
  // Takes `count` steps of the evaluation's allowance; false when it is used up (return kTooManySteps).
  bool Spend(std::int64_t count) { return (steps_ -= count) >= 0; }
  std::int64_t steps_left() const { return steps_; }

 private:
  Arena& arena_;
  std::int64_t steps_;
};

// `args`: as many as the overload has parameters (the receiver first), none an error or absent. Returns
// the result or an error value; what it points at lives in the arena, in args, or for ever.
using Implementation = Value (*)(CallContext& context, const Value* args);

// An argument that names something which the planner looks up once, so that no evaluation does.
enum class NamedKind : std::uint8_t {
  kZone,
  kCalendar,
  kOpeningHours,  // a calendar that has some
  kRateTable,
  kRounding,
  kPattern,
};
struct NamedArgument {
  NamedKind kind;
  std::size_t index;  // among the overload's parameters
};

struct Overload {
  std::string id;                // unique, e.g. "string_to_int"
  std::vector<Type> parameters;  // with the receiver first when is_method
  Type result;
  bool is_method = false;
  Implementation implementation = nullptr;  // null: declared only; calling it is an error value
  std::vector<NamedArgument> named = {};    // bound_argument.h says how they arrive
  bool takes_zone = false;  // the environment's zone follows as one more, bound argument
};

struct Function {
  std::string name;
  std::vector<Overload> overloads;
};

}  // namespace kulanz::cel
