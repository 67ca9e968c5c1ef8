#include <algorithm>
#include <utility>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/macros.h"
#include "service/cel/named_arguments.h"
#include "service/cel/quoted.h"
#include "service/cel/suggestion.h"
#include "service/cel/type_checker.h"

namespace kulanz::cel {
namespace {

using K = Type::Kind;

// How many overloads a message lists.
constexpr std::size_t kOverloadsShownMax = 4;

bool IsOperator(std::string_view name) {
  return name.find('_') == 0 || name.front() == '@' || name == op::kNot || name == op::kNegate;
}

// "T" for a type variable, however deep.
std::string ShowParameter(const Type& type) {
  if (type.is(K::kParam)) {
    return "any";
  }
  if (type.parameters().empty()) {
    return std::string(type.name());
  }
  std::string text = std::string(type.name()) + "(";
  for (std::size_t i = 0; i < type.parameters().size(); ++i) {
    text += (i == 0 ? "" : ", ") + ShowParameter(type.parameters()[i]);
  }
  return text + ")";
}

std::string Signature(const Overload& overload) {
  std::string text =
      overload.is_method ? "on " + ShowParameter(overload.parameters[0]) + " it takes (" : "(";
  std::string_view separator;
  for (std::size_t i = overload.is_method ? 1 : 0; i < overload.parameters.size(); ++i) {
    text += separator;
    text += ShowParameter(overload.parameters[i]);
    separator = ", ";
  }
  return text + ")";
}

// The overloads that the author may have meant: those that take the first argument, else all.
std::vector<const Overload*> Nearest(const Expr& call, const Type& first,
                                     const std::vector<const Overload*>& candidates) {
  std::vector<const Overload*> fitting;
  std::vector<const Overload*> all;
  for (const Overload* overload : candidates) {
    if (overload->is_method != call.is_method) {
      continue;
    }
    all.push_back(overload);
    if (!overload->parameters.empty() && overload->parameters[0].kind() == first.kind()) {
      fitting.push_back(overload);
    }
  }
  return fitting.empty() ? all : fitting;
}

// What other languages call it.
std::string_view KnownElsewhereAs(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"length", "size"},
      {"len", "size"},
      {"count", "size"},
      {"toUpper", "upperAscii"},
      {"toUpperCase", "upperAscii"},
      {"upper", "upperAscii"},
      {"toLower", "lowerAscii"},
      {"toLowerCase", "lowerAscii"},
      {"lower", "lowerAscii"},
      {"includes", "contains"},
      {"substr", "substring"},
      {"any", "exists"},
      {"some", "exists"},
      {"every", "all"},
      {"toString", "string"},
      {"getYear", "getFullYear"},
      {"plusDays", "addDays"},
      {"euro", "eur"},
      {"abs", "math.abs"},
      {"ceil", "math.ceil"},
      {"floor", "math.floor"},
      {"today", "now.date"},
  };
  for (const auto& [other, ours] : kNames) {
    if (other == name) {
      return ours;
    }
  }
  return {};
}

// Whether it shows at once that the overload does not take the arguments; saves trying most of them.
bool CannotTake(const Overload& overload, const std::vector<Type>& arguments) {
  const auto is_flexible = [](const Type& type) {
    return type.is_dyn() || type.is_error() || type.is(K::kParam);
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Type& parameter = overload.parameters[i];
    if (parameter.kind() != arguments[i].kind() && !is_flexible(parameter) &&
        !is_flexible(arguments[i])) {
      return true;
    }
  }
  return false;
}

bool IsNumberType(const Type& type) {
  return type.is(K::kInt) || type.is(K::kUint) || type.is(K::kDouble);
}

// What to do about an operator between two types.
std::string OperatorHint(std::string_view name, const Type& a, const Type& b) {
  if (name == op::kDivide && (a.is(K::kMoney) || a.is(K::kDecimal))) {
    return "1/3 has no exact value: write x.div(y, places, 'half_up')";
  }
  const bool is_product = name == op::kMultiply || name == op::kDivide;
  if ((a.is(K::kMoney) && IsNumberType(b) && !is_product) ||
      (b.is(K::kMoney) && IsNumberType(a) && !is_product)) {
    return "an amount needs its currency, as in eur(5.00)";
  }
  const bool exact_a = a.is(K::kMoney) || a.is(K::kDecimal);
  const bool exact_b = b.is(K::kMoney) || b.is(K::kDecimal);
  if ((exact_a && b.is(K::kDouble)) || (exact_b && a.is(K::kDouble))) {
    return "doubles are not exact: write decimal(0.15) or percent(15) for the number";
  }
  if (IsNumberType(a) && IsNumberType(b)) {
    return "convert one side, as in " + std::string(a.is(K::kInt) ? b.name() : a.name()) + "(...)";
  }
  if ((a.is(K::kDate) && b.is(K::kInt)) || (b.is(K::kDate) && a.is(K::kInt))) {
    return "write d.addDays(n)";
  }
  if (a.is(K::kTimestamp) && b.is(K::kDate)) {
    return "write t.date() to compare days";
  }
  if (b.is(K::kTimestamp) && a.is(K::kDate)) {
    return "write t.date() to compare days";
  }
  if ((a.is(K::kTimestamp) || a.is(K::kDuration)) && b.is(K::kInt)) {
    return "write days(n), hours(n) or minutes(n) for a span of time";
  }
  if ((a.is(K::kTimestamp) || a.is(K::kDuration) || a.is(K::kDate)) && b.is(K::kString)) {
    return "write " + std::string(a.name()) + "(\"...\") for the text";
  }
  if (name != op::kIndex &&
      ((IsNumberType(a) && b.is(K::kString)) || (IsNumberType(b) && a.is(K::kString)))) {
    return "numbers stand without quotes";
  }
  if (a.is(K::kNull) != b.is(K::kNull)) {
    return "has(x) tells whether an optional input is there";
  }
  if (a.is(K::kOptional) != b.is(K::kOptional)) {
    return "an optional has no value to count on: write .orValue(...)";
  }
  return {};
}

}  // namespace

Type TypeChecker::CheckCall(Expr& expr) {
  if (expr.name == op::kAnd || expr.name == op::kOr) {
    return CheckLogic(expr);
  }
  std::string full_name;
  if (expr.is_method) {
    // optional.of(x): the receiver may be the first part of the function's name.
    const Expr* root = nullptr;
    const std::string chain = Names::ChainOf(expr.operand(), &root);
    if (!chain.empty() && !names_.StartsWithLocal(*root)) {
      const auto overloads =
          names_.FindFunction(chain + "." + std::string(expr.name), root->leading_dot, &full_name);
      if (!overloads.empty()) {
        expr.name = ast_.Keep(std::move(full_name));
        expr.is_method = false;
        expr.args.erase(expr.args.begin());
        for (Expr* arg : expr.args) {
          Check(*arg);
        }
        return ResolveOverload(expr, overloads);
      }
      if (IsNamespace(chain) && names_.Resolve(chain, root->leading_dot).kind == RefKind::kNone) {
        for (std::size_t i = 1; i < expr.args.size(); ++i) {
          Check(*expr.args[i]);
        }
        return ReportUnknownFunction(expr, chain + "." + std::string(expr.name));
      }
    }
  }
  for (Expr* arg : expr.args) {
    Check(*arg);
  }
  const std::vector<const Overload*> overloads =
      expr.is_method ? names_.FindFunction(expr.name, true)
                     : names_.FindFunction(expr.name, expr.leading_dot, &full_name);
  if (overloads.empty()) {
    return ReportUnknownFunction(expr, expr.name);
  }
  return ResolveOverload(expr, overloads);
}

// a && b && ...: any number of bools.
Type TypeChecker::CheckLogic(Expr& expr) {
  for (Expr* arg : expr.args) {
    if (!unifier_.Assign(Type::Bool(), Check(*arg))) {
      Report(
          id::kNoOverload, arg->span,
          Quoted(op::Symbol(expr.name)) + " joins bools, but this is of type " + Show(arg->type));
    }
  }
  return Type::Bool();
}

Type TypeChecker::ResolveOverload(Expr& expr, const std::vector<const Overload*>& candidates) {
  std::vector<Type> arguments;
  for (const Expr* arg : expr.args) {
    arguments.push_back(unifier_.Resolve(arg->type, false));
  }
  std::optional<Type> result;
  for (const Overload* overload : candidates) {
    if (overload->is_method != expr.is_method || overload->parameters.size() != arguments.size() ||
        CannotTake(*overload, arguments) || !IsEnabled(*overload)) {
      continue;
    }
    std::vector<Type> signature = overload->parameters;
    signature.push_back(overload->result);
    signature = unifier_.Instantiate(signature);
    const std::span<const Type> parameters(signature.data(), signature.size() - 1);
    if (!unifier_.AssignAll(parameters, arguments)) {
      continue;
    }
    expr.overloads.push_back(overload);
    const Type type = unifier_.Resolve(signature.back(), false);
    // Several overloads fit when an argument is dyn; if they disagree, so is the result.
    result =
        !result || result->is_dyn() || *result == type ? (result ? *result : type) : Type::Dyn();
  }
  if (!result) {
    const bool broken = std::any_of(arguments.begin(), arguments.end(),
                                    [](const Type& type) { return type.is_error(); });
    return broken ? Type::Error() : ReportNoOverload(expr, candidates);
  }
  return IsTableLookup(*expr.overloads[0]) ? TableType(expr) : *result;
}

// Orders between numbers of different types can be switched off.
bool TypeChecker::IsEnabled(const Overload& overload) const {
  return environment_.mixed_comparisons() || overload.parameters.size() != 2 ||
         !IsNumberType(overload.parameters[0]) || !IsNumberType(overload.parameters[1]) ||
         !overload.result.is(K::kBool) || overload.parameters[0] == overload.parameters[1];
}

// The type of table("name", ...) is that of the named table's rates.
Type TypeChecker::TableType(Expr& expr) {
  const Expr& name = *expr.args[0];
  if (name.kind != ExprKind::kConstant) {
    return Report(id::kNotConstant, name.span, "the name of a rate table must be a literal text");
  }
  const RateTable* const table = environment_.FindRateTable(name.value.as_string());
  if (table != nullptr) {
    return table->type();
  }
  std::vector<std::string_view> known;
  for (const auto& [known_name, unused] : environment_.rate_tables()) {
    known.push_back(known_name);
  }
  const std::string_view suggestion = Suggest(name.value.as_string(), known);
  return Report(id::kUnknownTable, name.span,
                "there is no rate table " + Quoted(name.value.as_string()),
                suggestion.empty() ? "" : "did you mean " + Quoted(suggestion) + "?",
                suggestion.empty() ? "" : "\"" + std::string(suggestion) + "\"");
}

// Whether functions are named "<name>....", as math.abs is.
bool TypeChecker::IsNamespace(const std::string& name) const {
  const auto within = [&](const auto& functions) {
    const auto next = functions.lower_bound(name + ".");
    return next != functions.end() && next->first.starts_with(name + ".");
  };
  return within(Library::Standard().functions()) || within(environment_.functions());
}

Type TypeChecker::ReportUnknownFunction(const Expr& call, std::string_view name) {
  std::vector<std::string_view> known = {"eur", "usd", "gbp", "chf"};
  const auto add = [&](const auto& functions) {
    for (const auto& [function_name, function] : functions) {
      if (!IsOperator(function_name) && function_name.find('@') == std::string::npos) {
        known.push_back(function_name);
      }
    }
  };
  add(Library::Standard().functions());
  add(environment_.functions());
  std::string_view suggestion = KnownElsewhereAs(name);
  suggestion = suggestion.empty() ? Suggest(name, known) : suggestion;
  const bool is_macro = !call.is_method && IsLiteralMacro(name);
  const bool is_variable = environment_.Find(name) != nullptr;
  std::string hint;
  if (is_macro) {
    hint = "it takes a literal number without quotes and separators, as in " + std::string(name) +
           "(25.00)";
  } else if (is_variable) {
    hint = "it is a variable: leave the parentheses out";
  } else if (!suggestion.empty()) {
    hint = "did you mean " + Quoted(suggestion) + "?";
  }
  const bool replaces = !is_macro && !is_variable && name == call.name;
  return Report(id::kUnknownFunction, call.name_span,
                "there is no function " + Quoted(name) + (is_macro ? " of such arguments" : ""),
                std::move(hint), replaces ? std::string(suggestion) : "");
}

Type TypeChecker::ReportNoOverload(const Expr& call,
                                   const std::vector<const Overload*>& candidates) {
  const auto type_of = [&](std::size_t i) { return unifier_.Resolve(call.args[i]->type, true); };
  if (IsOperator(call.name)) {
    std::string message = Quoted(op::Symbol(call.name)) + " has no meaning for ";
    std::string hint;
    if (call.args.size() == 1) {
      message += "a value of type " + type_of(0).ToString();
    } else if (call.name == op::kConditional) {
      message = type_of(0).is(K::kBool)
                    ? "the two results of '?:' have different types, " + type_of(1).ToString() +
                          " and " + type_of(2).ToString()
                    : "the condition of '?:' must be a bool, not of type " + type_of(0).ToString();
    } else {
      message += type_of(0).ToString() + " and " + type_of(1).ToString();
      hint = OperatorHint(call.name, type_of(0), type_of(1));
    }
    return Report(id::kNoOverload, call.name_span, std::move(message), std::move(hint));
  }
  std::string message = Quoted(call.name) + " does not take (";
  for (std::size_t i = call.is_method ? 1 : 0; i < call.args.size(); ++i) {
    message += message.back() == '(' ? "" : ", ";
    message += type_of(i).ToString();
  }
  message += ")";
  if (call.is_method) {
    message += " on a value of type " + type_of(0).ToString();
  }
  const Type first = call.args.empty() ? Type::Error() : type_of(0);
  std::string hint;
  std::size_t shown = 0;
  for (const Overload* overload : Nearest(call, first, candidates)) {
    if (shown < kOverloadsShownMax) {
      hint += (shown++ == 0 ? "" : ", or ") + Signature(*overload);
    }
  }
  if (shown == 0) {
    hint = call.is_method ? "call it as " + std::string(call.name) + "(...)"
                          : "call it as x." + std::string(call.name) + "(...)";
  } else if (!call.is_method) {
    hint = "it takes " + hint;
  }
  return Report(id::kNoOverload, call.name_span, std::move(message), std::move(hint));
}

}  // namespace kulanz::cel
