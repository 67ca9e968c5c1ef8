// Unification: whether types agree, and what type variables then stand for.
//
// The rules are cel-go's: a variable takes the most general of the types that it has met; dyn agrees with
// everything. Unlike there, null agrees with null alone, as there are no messages and wrappers here.
//
// Thread-safety: none; one per check.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/type.h"

namespace kulanz::cel {

class Unifier {
 public:
  // A variable that has no meaning yet.
  Type Fresh();
  // `type` with each of its own variables (of an overload's declaration) replaced by a fresh one.
  std::vector<Type> Instantiate(std::span<const Type> types);

  // Whether a value of type `from` may be used where `to` is expected. On success variables are bound;
  // on failure nothing has changed.
  bool Assign(const Type& to, const Type& from);
  bool AssignAll(std::span<const Type> to, std::span<const Type> from);

  // `type` with all known variables replaced; the unknown ones become dyn when `to_dyn`.
  Type Resolve(const Type& type, bool to_dyn) const;

  // False once the types have become larger, or unifying them longer, than any sensible expression's
  // (a variable may occur twice in its own growth, so that types could double at each step). From then
  // on nothing agrees, and Resolve() gives the error type.
  bool within_limits() const { return within_limits_; }

  // The more general of two types that agree.
  static Type MostGeneral(const Type& a, const Type& b);

 private:
  using Bindings = std::map<std::string, Type, std::less<>>;
  bool Unify(const Type& to, const Type& from);
  bool UnifyLists(std::span<const Type> to, std::span<const Type> from);
  enum class Fit { kFits, kConflicts, kImpossible };
  Fit Bind(const Type& type, const Type& variable);
  bool Occurs(const Type& variable, const Type& in);
  Type ResolveWithin(const Type& type, bool to_dyn) const;
  bool Step() const;

  Bindings bindings_;
  int fresh_ = 0;
  mutable std::int64_t steps_ = 0;
  mutable bool within_limits_ = true;
};

}  // namespace kulanz::cel
