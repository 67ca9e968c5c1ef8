#include "service/cel/unification.h"

#include <algorithm>
#include <utility>

#include "service/cel/limits.h"

namespace kulanz::cel {
namespace {

using K = Type::Kind;

Type WithParameters(const Type& type, std::vector<Type> parameters) {
  switch (type.kind()) {
    case K::kList:
      return Type::List(std::move(parameters[0]));
    case K::kMap:
      return Type::Map(std::move(parameters[0]), std::move(parameters[1]));
    case K::kOptional:
      return Type::Optional(std::move(parameters[0]));
    case K::kType:
      return parameters.empty() ? type : Type::TypeOf(std::move(parameters[0]));
    case K::kAbstract:
      return Type::Abstract(std::string(type.name()), std::move(parameters));
    default:
      return type;
  }
}

bool HasVariables(const Type& type) { return type.has_variables(); }

// Replaces variables by `lookup`, which returns nullptr for those to keep.
template <typename Lookup>
Type Replace(const Type& type, const Lookup& lookup) {
  if (type.is(K::kParam)) {
    return lookup(type);
  }
  if (!type.has_variables()) {
    return type;
  }
  std::vector<Type> parameters;
  for (const Type& parameter : type.parameters()) {
    parameters.push_back(Replace(parameter, lookup));
  }
  return WithParameters(type, std::move(parameters));
}

// cel-go's order of generality: dyn and variables are more general than anything.
bool IsEqualOrMoreGeneral(const Type& a, const Type& b) {
  if (a.is_dyn() || a.is(K::kParam)) {
    return true;
  }
  if (b.is_dyn() || b.is(K::kParam) || a.kind() != b.kind()) {
    return false;
  }
  if (a.is(K::kType)) {
    return true;
  }
  if (a.name() != b.name() || a.parameters().size() != b.parameters().size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.parameters().size(); ++i) {
    if (!IsEqualOrMoreGeneral(a.parameters()[i], b.parameters()[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace

Type Unifier::Fresh() { return Type::Param("_" + std::to_string(fresh_++)); }

std::vector<Type> Unifier::Instantiate(std::span<const Type> types) {
  Bindings fresh;
  std::vector<Type> result;
  for (const Type& type : types) {
    result.push_back(Replace(type, [&](const Type& variable) {
      const auto found = fresh.find(variable.name());
      return found != fresh.end()
                 ? found->second
                 : fresh.emplace(std::string(variable.name()), Fresh()).first->second;
    }));
  }
  return result;
}

bool Unifier::Assign(const Type& to, const Type& from) { return AssignAll({&to, 1}, {&from, 1}); }

bool Unifier::AssignAll(std::span<const Type> to, std::span<const Type> from) {
  const bool variables = std::any_of(to.begin(), to.end(), HasVariables) ||
                         std::any_of(from.begin(), from.end(), HasVariables);
  if (!variables) {
    return UnifyLists(to, from);
  }
  Bindings before = bindings_;
  if (UnifyLists(to, from)) {
    return true;
  }
  bindings_ = std::move(before);
  return false;
}

bool Unifier::UnifyLists(std::span<const Type> to, std::span<const Type> from) {
  if (to.size() != from.size()) {
    return false;
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (!Unify(to[i], from[i])) {
      return false;
    }
  }
  return true;
}

bool Unifier::Step() const {
  within_limits_ = within_limits_ && ++steps_ <= kMaxUnificationSteps;
  return within_limits_;
}

bool Unifier::Unify(const Type& to, const Type& from) {
  if (!Step()) {
    return false;
  }
  if (from.is(K::kParam)) {
    const Fit fit = Bind(to, from);
    if (fit != Fit::kImpossible) {
      return fit == Fit::kFits;
    }
  }
  if (to.is(K::kParam)) {
    return Bind(from, to) == Fit::kFits;
  }
  if (to.is_dyn() || from.is_dyn() || to.is_error() || from.is_error()) {
    return true;
  }
  if (to.kind() != from.kind()) {
    return false;
  }
  return to.is(K::kType) ||
         (to.name() == from.name() && UnifyLists(to.parameters(), from.parameters()));
}

// Whether `variable` may stand for `type`.
Unifier::Fit Unifier::Bind(const Type& type, const Type& variable) {
  if (type == variable) {
    return Fit::kFits;
  }
  const auto found = bindings_.find(variable.name());
  if (found == bindings_.end()) {
    if (Occurs(variable, type)) {
      return Fit::kImpossible;
    }
    bindings_.emplace(std::string(variable.name()), type);
    return Fit::kFits;
  }
  const Type known = found->second;
  if (known == type) {
    return Fit::kFits;
  }
  if (!Unify(type, known)) {
    return Fit::kConflicts;
  }
  Type general = MostGeneral(type, known);
  if (!Occurs(variable, general)) {
    bindings_.insert_or_assign(std::string(variable.name()), std::move(general));
  }
  return Fit::kFits;
}

bool Unifier::Occurs(const Type& variable, const Type& in) {
  if (!in.has_variables()) {
    return false;
  }
  if (in == variable || !Step()) {
    return true;
  }
  if (in.is(K::kParam)) {
    const auto found = bindings_.find(in.name());
    return found != bindings_.end() && Occurs(variable, found->second);
  }
  return std::any_of(in.parameters().begin(), in.parameters().end(),
                     [&](const Type& parameter) { return Occurs(variable, parameter); });
}

Type Unifier::Resolve(const Type& type, bool to_dyn) const {
  Type resolved = ResolveWithin(type, to_dyn);
  if (resolved.weight() > kMaxTypeWeight) {
    within_limits_ = false;
  }
  return within_limits_ ? resolved : Type::Error();
}

Type Unifier::ResolveWithin(const Type& type, bool to_dyn) const {
  return Replace(type, [&](const Type& variable) {
    if (!Step()) {
      return Type::Error();
    }
    const auto found = bindings_.find(variable.name());
    if (found != bindings_.end()) {
      return ResolveWithin(found->second, to_dyn);
    }
    return to_dyn ? Type::Dyn() : variable;
  });
}

Type Unifier::MostGeneral(const Type& a, const Type& b) {
  if (IsEqualOrMoreGeneral(a, b)) {
    return a;
  }
  return IsEqualOrMoreGeneral(b, a) ? b : a;
}

}  // namespace kulanz::cel
