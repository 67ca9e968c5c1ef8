// Program: a compiled expression. Compile once, evaluate from any number of threads.
//
//   CompileResult compiled = Compile("order.total * percent(10)", env, {.type = Type::Money()});
//   if (!compiled.ok()) return Report(compiled.diagnostics);
//   Arena arena;
//   Value frame[] = {...};                              // one Value per slot of the environment
//   Value amount = compiled.program->Evaluate(frame, arena);
//   if (amount.is_error()) ...                          // an error is a value, with text and offset
//
// Evaluation calls the heap only through an arena that has not grown to its size yet.
//
// Thread-safety: Program is immutable; arena and observer belong to one call at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/arena.h"
#include "service/cel/diagnostic.h"
#include "service/cel/environment.h"
#include "service/cel/type.h"
#include "service/cel/value.h"
#include "service/domain/currency.h"

namespace kulanz::cel {

// Told the value of each sub-expression that was evaluated, innermost first. A part inside a
// comprehension is told once per round; a part that was short-circuited is not told at all, nor is a
// literal (or a list of them), which shows its value itself, or what stands within a constant part.
class Observer {
 public:
  virtual ~Observer() = default;
  // `span`: where the sub-expression stands in the text. `value` lives as long as the arena's content.
  virtual void OnValue(TextSpan span, const Value& value) = 0;
  // The same of a name that stands for the frame's `slot`.
  virtual void OnInput(TextSpan span, int slot, const Value& value) {
    static_cast<void>(slot);
    OnValue(span, value);
  }
};

// A necessary condition of a boolean program: it can only be true when the slot holds one of `values`.
struct Guard {
  int slot = 0;
  std::span<const Value> values;  // owned by the program; strings, ints, uints or bools
};

// 10,000 (as cel-cpp): rounds of comprehensions and pieces of long texts in one evaluation.
inline constexpr std::int64_t kDefaultStepLimit = 10'000;

// Of a text its code points, of a list its items and the largest text within; 0: unbounded.
struct ResultSize {
  std::uint32_t max_size = 0;
  std::uint32_t item_max_size = 0;
};

class Program {
 public:
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // `frame` has at least environment.slot_count() values; an optional input that is not there is
  // Value::Absent(), an input that could not be had may be an error, which then spreads. The result
  // points into frame, arena or program. Never kAbsent. Does not reset the arena.
  Value Evaluate(std::span<const Value> frame, Arena& arena,
                 std::int64_t step_limit = kDefaultStepLimit) const;
  // The same result, with every part told to `observer`; slower.
  Value Explain(std::span<const Value> frame, Arena& arena, Observer& observer,
                std::int64_t step_limit = kDefaultStepLimit) const;

  const std::string& text() const;
  const Type& type() const;
  // Of a money expression whose currency is known before evaluation.
  std::optional<Currency> currency() const;
  // The value, when the expression is constant.
  const Value* constant() const;
  // Every slot that the expression may read, ascending.
  std::span<const int> slots() const;
  // Whether the expression has names of its own (macros, cel.bind). Evaluation then takes memory from the
  // arena before anything else, and fails as a whole when there is none.
  bool has_locals() const;
  // Guards that must all hold for a boolean program to be true; empty when none is evident.
  std::span<const Guard> guards() const;
  // An upper bound of the work (cost units as cel-go counts them); nothing when unbounded.
  std::optional<std::uint64_t> cost() const;
  // How large the result can be, as a host declares it of an input that takes it (Field): so a program
  // that reads the result is bounded, too.
  ResultSize result_size() const;

 private:
  friend class ProgramBuilder;
  struct Rep;
  explicit Program(std::unique_ptr<const Rep> rep);
  std::unique_ptr<const Rep> rep_;
};

// What the result must be. Without a type anything goes.
struct Expected {
  std::optional<Type> type = {};
  std::optional<Currency> currency = {};   // of money
  std::vector<std::string> literals = {};  // of a string: the only values it may be
};

struct CompileResult {
  std::shared_ptr<const Program> program;  // null when a diagnostic is an error
  Diagnostics diagnostics;                 // sorted by position; may hold warnings beside a program
  bool ok() const { return program != nullptr; }
};

// Parses, checks and plans. Every problem that can be told apart is in the diagnostics.
CompileResult Compile(std::string_view text, const Environment& environment,
                      const Expected& expected = {});
// Without the type check: names and overloads are found during evaluation. For conformance tests.
CompileResult CompileUnchecked(std::string_view text, const Environment& environment);

}  // namespace kulanz::cel
