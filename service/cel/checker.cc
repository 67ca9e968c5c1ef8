#include "service/cel/checker.h"

#include <algorithm>
#include <utility>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/limits.h"
#include "service/cel/quoted.h"
#include "service/cel/suggestion.h"
#include "service/cel/type_checker.h"

namespace kulanz::cel {
namespace {

using K = Type::Kind;

Type TypeOfConstant(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return Type::Bool();
    case Kind::kInt:
      return Type::Int();
    case Kind::kUint:
      return Type::Uint();
    case Kind::kDouble:
      return Type::Double();
    case Kind::kString:
      return Type::String();
    case Kind::kBytes:
      return Type::Bytes();
    case Kind::kDecimal:
      return Type::Decimal();
    case Kind::kMoney:
      return Type::Money();
    default:
      return Type::Null();
  }
}

bool ContainsDyn(const Type& type) {
  return type.is_dyn() ||
         std::any_of(type.parameters().begin(), type.parameters().end(), ContainsDyn);
}

}  // namespace

bool TypeChecker::Run(const Expected& expected) {
  const std::size_t before = diagnostics_.size();
  Check(*ast_.root());
  Finish(*ast_.root(), false);
  if (!unifier_.within_limits()) {
    Report(id::kTooDeep, ast_.root()->span, "the types in this expression are too complex");
  }
  ast_.set_local_count(names_.most_locals());
  CheckResult(*ast_.root(), expected);
  return diagnostics_.size() == before;
}

Type TypeChecker::Report(std::string_view id, TextSpan span, std::string message, std::string hint,
                         std::string replacement) {
  if (diagnostics_.size() < kMaxDiagnostics) {
    diagnostics_.push_back({.id = id,
                            .message = std::move(message),
                            .span = span,
                            .hint = std::move(hint),
                            .replacement = std::move(replacement)});
  }
  return Type::Error();
}

const Type& TypeChecker::Check(Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kInvalid:
      expr.type = Type::Error();
      break;
    case ExprKind::kConstant:
      expr.type = TypeOfConstant(expr.value);
      break;
    case ExprKind::kName:
      expr.type = CheckName(expr);
      break;
    case ExprKind::kSelect:
      expr.type = CheckSelect(expr);
      break;
    case ExprKind::kCall:
      expr.type = CheckCall(expr);
      break;
    case ExprKind::kList:
      expr.type = CheckList(expr);
      break;
    case ExprKind::kMap:
      expr.type = CheckMap(expr);
      break;
    case ExprKind::kMessage:
      expr.type = Report(id::kMessageLiteral, expr.args[0]->span,
                         "messages cannot be built here: there is no message type");
      break;
    case ExprKind::kComprehension:
      expr.type = CheckComprehension(expr);
      break;
    case ExprKind::kBind:
      expr.type = CheckBind(expr);
      break;
    case ExprKind::kOptionalMap:
      expr.type = CheckOptionalMap(expr);
      break;
  }
  if (expr.type.weight() > kMaxTypeWeight) {
    expr.type = Report(id::kTooDeep, expr.span, "the type of this part is too complex");
  }
  return expr.type;
}

Type TypeChecker::Use(Expr& expr, const Resolved& resolved) {
  expr.ref = resolved.kind;
  expr.declared_name = resolved.full_name;
  if (resolved.kind == RefKind::kSlot) {
    expr.slot = resolved.declaration->field.slot;
    expr.declared = &resolved.declaration->field;
  }
  expr.value = resolved.constant;
  return resolved.type;
}

Type TypeChecker::CheckName(Expr& expr) {
  if (const Local* local = expr.leading_dot ? nullptr : names_.FindLocal(expr.name)) {
    expr.ref = RefKind::kLocal;
    expr.slot = local->index;
    return local->type;
  }
  const Resolved resolved = names_.Resolve(expr.name, expr.leading_dot);
  if (resolved.kind == RefKind::kStruct) {
    return Report(id::kNotAValue, expr.span, Quoted(expr.name) + " is no value by itself",
                  "select one of its attributes, as in " + std::string(expr.name) + "." +
                      std::string(environment_.FieldNames(expr.name).empty()
                                      ? "name"
                                      : environment_.FieldNames(expr.name).front()));
  }
  return resolved.kind == RefKind::kNone ? ReportUnknownName(expr) : Use(expr, resolved);
}

Type TypeChecker::ReportUnknownName(const Expr& expr) {
  const std::vector<std::string_view> names = environment_.Names();
  std::string_view suggestion = Suggest(expr.name, names);
  if (suggestion.empty()) {
    // Often only the struct is missing: days_late for vars.days_late.
    const std::string field = "." + std::string(expr.name);
    const auto meant = std::find_if(names.begin(), names.end(), [&field](std::string_view name) {
      return name.ends_with(field);
    });
    suggestion = meant != names.end() ? *meant : suggestion;
  }
  return Report(id::kUnknownName, expr.span, "there is nothing named " + Quoted(expr.name),
                suggestion.empty() ? "" : "did you mean " + Quoted(suggestion) + "?",
                std::string(suggestion));
}

Type TypeChecker::ReportUnknownField(const Expr& select, std::string_view struct_name,
                                     const std::vector<std::string_view>& fields) {
  constexpr std::size_t kMaxListed = 6;
  const std::string_view suggestion = Suggest(select.name, fields);
  std::string hint;
  if (!suggestion.empty()) {
    hint = "did you mean " + Quoted(suggestion) + "?";
  } else if (!fields.empty() && fields.size() <= kMaxListed) {
    for (const std::string_view field : fields) {
      hint += (hint.empty() ? "it has " : ", ") + std::string(field);
    }
  }
  return Report(id::kUnknownAttribute, select.name_span,
                Quoted(std::string(struct_name) + "." + std::string(select.name)) +
                    " is no attribute of " + Quoted(struct_name),
                std::move(hint), std::string(suggestion));
}

Type TypeChecker::CheckSelect(Expr& expr) {
  const Expr* root = nullptr;
  const std::string operand_chain = Names::ChainOf(expr.operand(), &root);
  if (!operand_chain.empty() && !names_.StartsWithLocal(*root)) {
    // The longest chain that is declared wins: has(a.b), a.?b and a.b of a declared "a.b".
    const Resolved whole =
        names_.Resolve(operand_chain + "." + std::string(expr.name), root->leading_dot);
    if (whole.kind == RefKind::kSlot || whole.kind == RefKind::kConstant) {
      const Type type = Use(expr, whole);
      return expr.is_test ? Type::Bool() : expr.optional ? Type::Optional(type) : type;
    }
    if (whole.kind == RefKind::kStruct) {
      return Report(id::kNotAValue, expr.span,
                    Quoted(operand_chain + "." + std::string(expr.name)) + " is no value by itself",
                    "select one of its attributes");
    }
    if (names_.Resolve(operand_chain, root->leading_dot).kind == RefKind::kStruct) {
      return ReportUnknownField(expr, operand_chain, environment_.FieldNames(operand_chain));
    }
  }
  return SelectFrom(expr, unifier_.Resolve(Check(*expr.args[0]), false));
}

Type TypeChecker::SelectFromRecord(Expr& expr, std::string_view record) {
  const std::vector<Field>& fields = *environment_.FindRecord(record);
  for (const Field& field : fields) {
    if (field.name == expr.name) {
      expr.ref = RefKind::kField;
      expr.slot = field.slot;
      expr.declared = &field;
      expr.declared_name = ast_.TextOf(expr.span);
      return field.type;
    }
  }
  std::vector<std::string_view> names;
  for (const Field& field : fields) {
    names.push_back(field.name);
  }
  return ReportUnknownField(expr, record, names);
}

Type TypeChecker::SelectFrom(Expr& expr, Type operand) {
  const bool in_optional = operand.is(K::kOptional);
  if (in_optional) {
    operand = unifier_.Resolve(operand.parameters()[0], false);
  }
  Type field = Type::Dyn();
  if (operand.is(K::kMap)) {
    field = operand.parameters()[1];
    if (!unifier_.Assign(operand.parameters()[0], Type::String())) {
      return Report(id::kNoFields, expr.name_span,
                    "a " + Show(operand) + " has no key " + Quoted(expr.name),
                    "its keys are of type " + Show(operand.parameters()[0]));
    }
  } else if (operand.is(K::kRecord)) {
    field = SelectFromRecord(expr, operand.name());
  } else if (operand.is(K::kParam)) {
    unifier_.Assign(Type::Dyn(), operand);
  } else if (operand.is_error()) {
    field = Type::Error();
  } else if (!operand.is_dyn()) {
    return Report(id::kNoFields, expr.name_span,
                  "a value of type " + Show(operand) + " has no field " + Quoted(expr.name));
  }
  if (expr.is_test) {
    return Type::Bool();
  }
  return expr.optional || in_optional ? Type::Optional(field) : field;
}

Type TypeChecker::EntryType(const Expr& entry, bool optional) {
  const Type& type = entry.type;
  if (!optional) {
    return type;
  }
  const Type held = unifier_.Fresh();
  if (!unifier_.Assign(Type::Optional(held), type)) {
    return Report(id::kTypeMismatch, entry.span,
                  "an entry with '?' takes an optional, not a value of type " + Show(type),
                  "leave the '?' out, or write optional.of(...)");
  }
  return held;
}

Type TypeChecker::Join(const Type& so_far, const Type& next) {
  if (unifier_.Assign(so_far, next)) {
    return Unifier::MostGeneral(so_far, next);
  }
  return Type::Dyn();
}

Type TypeChecker::CheckList(Expr& expr) {
  std::optional<Type> element;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    Check(*expr.args[i]);
    const Type type = EntryType(*expr.args[i], expr.optional_args[i]);
    element = element ? Join(*element, type) : type;
  }
  return Type::List(element ? *element : unifier_.Fresh());
}

Type TypeChecker::CheckMap(Expr& expr) {
  std::optional<Type> key;
  std::optional<Type> value;
  for (std::size_t i = 0; i < expr.args.size(); i += 2) {
    const Type& key_type = Check(*expr.args[i]);
    key = key ? Join(*key, key_type) : key_type;
    Check(*expr.args[i + 1]);
    const Type value_type = EntryType(*expr.args[i + 1], expr.optional_args[i / 2]);
    value = value ? Join(*value, value_type) : value_type;
  }
  return Type::Map(key ? *key : unifier_.Fresh(), value ? *value : unifier_.Fresh());
}

// Variables become what they stand for; in policies nothing may be left dynamic.
void TypeChecker::Finish(Expr& expr, bool dyn_allowed) {
  expr.type = unifier_.Resolve(expr.type, true);
  if (expr.kind == ExprKind::kSelect &&
      (expr.ref == RefKind::kSlot || expr.ref == RefKind::kConstant)) {
    return;  // what is selected from is a part of the name, and no value
  }
  bool part_is_dyn = false;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const bool formatted = expr.kind == ExprKind::kCall && expr.name == "format" && i == 1;
    Finish(*expr.args[i], formatted);
    part_is_dyn = part_is_dyn || ContainsDyn(expr.args[i]->type);
  }
  // The name of a type is no dynamic value, and why a variable is dynamic is told where it comes from.
  const bool is_name = expr.kind == ExprKind::kName &&
                       (expr.ref == RefKind::kConstant || expr.ref == RefKind::kLocal);
  if (is_policy() && ContainsDyn(expr.type) && !part_is_dyn && !dyn_allowed && !is_name) {
    const bool literal = expr.kind == ExprKind::kList || expr.kind == ExprKind::kMap;
    Report(id::kDynamicType, expr.span,
           literal
               ? "the type of this " + std::string(expr.kind == ExprKind::kList ? "list" : "map") +
                     "'s content is not clear"
               : "the type of this part is only known when it is evaluated",
           literal ? "let all items have one type" : "");
  }
}

void TypeChecker::CheckResult(const Expr& root, const Expected& expected) {
  if (!expected.type || root.type.is_error()) {
    return;
  }
  const bool fits =
      is_policy() ? root.type == *expected.type : unifier_.Assign(*expected.type, root.type);
  if (!fits && !(is_policy() && ContainsDyn(root.type))) {
    const bool is_bare_amount =
        expected.type->is(Type::Kind::kMoney) &&
        (root.type.is(Type::Kind::kInt) || root.type.is(Type::Kind::kDouble));
    Report(
        id::kWrongResult, root.span,
        "the result must be of type " + expected.type->ToString() + ", not " + root.type.ToString(),
        is_bare_amount ? "an amount needs its currency, as in eur(5.00)" : "");
  }
}

bool Check(Ast& ast, const Environment& environment, const Expected& expected,
           Diagnostics& diagnostics) {
  return TypeChecker(ast, environment, diagnostics).Run(expected);
}

}  // namespace kulanz::cel
