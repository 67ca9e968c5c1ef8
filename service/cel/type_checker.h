// TypeChecker: the state of one check. Split over checker.cc (names, selections, literals),
// checker_scopes.cc (comprehensions) and checker_calls.cc (functions); see checker.h for what it does.
//
// Thread-safety: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/cel/ast.h"
#include "service/cel/diagnostic.h"
#include "service/cel/environment.h"
#include "service/cel/names.h"
#include "service/cel/program.h"
#include "service/cel/unification.h"

namespace kulanz::cel {

class TypeChecker {
 public:
  TypeChecker(Ast& ast, const Environment& environment, Diagnostics& diagnostics)
      : ast_(ast), environment_(environment), diagnostics_(diagnostics), names_(environment) {}

  bool Run(const Expected& expected);

 private:
  // Each sets expr.type (and what the name refers to) and returns it.
  const Type& Check(Expr& expr);
  Type CheckName(Expr& expr);
  Type CheckSelect(Expr& expr);
  Type SelectFrom(Expr& expr, Type operand);
  Type SelectFromRecord(Expr& expr, std::string_view record);
  Type CheckList(Expr& expr);
  Type CheckMap(Expr& expr);
  Type CheckComprehension(Expr& expr);
  Type LoopResult(Expr& expr, const Type& first_variable);
  Type CheckBind(Expr& expr);
  Type CheckOptionalMap(Expr& expr);
  Type CheckCall(Expr& expr);
  Type CheckLogic(Expr& expr);
  Type ResolveOverload(Expr& expr, const std::vector<const Overload*>& candidates);
  bool IsNamespace(const std::string& name) const;
  bool IsEnabled(const Overload& overload) const;
  Type TableType(Expr& expr);

  Type Use(Expr& expr, const Resolved& resolved);
  // An optional entry's type without its wrapping; reports when it is no optional.
  Type EntryType(const Expr& entry, bool optional);
  // The type of a literal's items so far and one more; dyn when they do not agree.
  Type Join(const Type& so_far, const Type& next);
  void ExpectBool(const Expr& expr, std::string_view whose);
  int PushLocal(std::string_view name, const Type& type, TextSpan span);
  void Finish(Expr& expr, bool dyn_allowed);
  void CheckResult(const Expr& root, const Expected& expected);

  Type ReportUnknownName(const Expr& expr);
  Type ReportUnknownField(const Expr& select, std::string_view struct_name,
                          const std::vector<std::string_view>& fields);
  Type ReportUnknownFunction(const Expr& call, std::string_view name);
  Type ReportNoOverload(const Expr& call, const std::vector<const Overload*>& candidates);
  Type Report(std::string_view id, TextSpan span, std::string message, std::string hint = {},
              std::string replacement = {});

  std::string Show(const Type& type) const { return unifier_.Resolve(type, true).ToString(); }
  bool is_policy() const { return environment_.mode() == Mode::kPolicy; }

  Ast& ast_;
  const Environment& environment_;
  Diagnostics& diagnostics_;
  Names names_;
  Unifier unifier_;
};

}  // namespace kulanz::cel
