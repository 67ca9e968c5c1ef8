// Arguments that name something which is known at compile time: a time zone, a calendar, a rate table, a
// rounding mode, a regular expression. The checker's side tells the author when the name is wrong; the
// planner's side binds what is named (bound_argument.h), so that evaluation looks nothing up.
//
// Thread-safety: none; one BoundObjects per program, immutable once planned.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "service/base/time_zone.h"
#include "service/cel/ast.h"
#include "service/cel/diagnostic.h"
#include "service/cel/environment.h"
#include "service/cel/pattern.h"
#include "service/cel/value.h"

namespace kulanz::cel {

// What the library's overloads name, by their ids.
std::vector<NamedArgument> NamedArgumentsOf(std::string_view overload_id);
// table(name, key, date) and table(name, key).
bool IsTableLookup(const Overload& overload);
// Whether the library's overload takes the environment's zone as one more argument.
bool TakesDefaultZone(std::string_view overload_id);

// The text of a constant string expression.
std::optional<std::string_view> ConstantText(const Expr& expr);

// Reports names that are unknown, and those that must be constant but are not: calendars and rate tables
// always, the others in policies.
void CheckNamedArguments(const Ast& ast, const Environment& environment, Diagnostics& diagnostics);

// What a program's bound arguments point at.
class BoundObjects {
 public:
  // The argument to pass instead of the name; nothing when the name is not known here (evaluation then
  // gets the name itself).
  std::optional<Value> Bind(NamedKind kind, std::string_view name, const Environment& environment);
  Value DefaultZone(const Environment& environment);

 private:
  std::deque<TimeZone> zones_;
  std::vector<std::unique_ptr<const Pattern>> patterns_;
  std::vector<std::shared_ptr<const void>> shared_;
};

}  // namespace kulanz::cel
