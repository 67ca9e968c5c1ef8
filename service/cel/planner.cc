#include "service/cel/planner.h"

#include <algorithm>

#include "service/cel/nodes.h"

namespace kulanz::cel {
namespace {

// What says its value itself, so that nobody need be told: 3, "a", [1, 2].
bool IsLiteral(const Expr& expr) {
  return expr.kind == ExprKind::kConstant ||
         (expr.kind == ExprKind::kList &&
          std::all_of(expr.args.begin(), expr.args.end(),
                      [](const Expr* item) { return IsLiteral(*item); }));
}

class Planner {
 public:
  Planner(const PlanInput& input, NodeStore& store, BoundObjects& objects,
          std::vector<FailingPart>& failing)
      : input_(input), store_(store), objects_(objects), failing_(failing) {}

  const Node* PlanRoot(const Expr& expr) {
    const Node* const node = PlanBare(expr);
    return input_.observed ? nodes::Observed(store_, node) : node;
  }

 private:
  const Node* Plan(const Expr& expr) { return IsLiteral(expr) ? PlanBare(expr) : PlanRoot(expr); }
  const Node* PlanBare(const Expr& expr);
  const Node* PlanName(const Expr& expr);
  const Node* PlanSelect(const Expr& expr);
  const Node* PlanCall(const Expr& expr);
  const Node* PlanSpecialForm(const Expr& expr, Nodes args);
  const Node* PlanFast(const Expr& expr, Nodes args);
  const Node* PlanBound(const Expr& expr, std::vector<const Node*> args);
  const Node* PlanLoop(const Expr& expr);
  std::vector<const Node*> PlanAll(const std::vector<Expr*>& exprs);
  // `node`, or its value when all its parts are constant.
  const Node* Fold(const Node* node, Nodes parts);

  const PlanInput& input_;
  NodeStore& store_;
  BoundObjects& objects_;
  std::vector<FailingPart>& failing_;
};

// Operators whose implementation tells by itself whether it takes the values that it gets.
bool ChecksItsArguments(std::string_view function) {
  for (const std::string_view known :
       {op::kEquals, op::kNotEquals, op::kLess, op::kLessEquals, op::kGreater, op::kGreaterEquals,
        op::kIn, op::kIndex, op::kOptionalIndex}) {
    if (function == known) {
      return true;
    }
  }
  return false;
}

std::vector<const Node*> Planner::PlanAll(const std::vector<Expr*>& exprs) {
  std::vector<const Node*> planned;
  planned.reserve(exprs.size() + 1);
  for (const Expr* expr : exprs) {
    planned.push_back(Plan(*expr));
  }
  return planned;
}

const Node* Planner::Fold(const Node* node, Nodes parts) {
  const bool constant = std::all_of(parts.begin(), parts.end(), [](const Node* part) {
    return nodes::ConstantValue(part) != nullptr;
  });
  if (!constant) {
    return node;
  }
  Evaluation evaluation(nullptr, nullptr, store_.arena(), kDefaultStepLimit);
  const Value value = node->Eval(evaluation);
  if (value.is_error()) {
    // Only an error when the part is reached: `false && 1 / 0 > 0` is false.
    if (!input_.observed) {
      failing_.push_back({node->span, value});
    }
    return node;
  }
  return nodes::Constant(store_, node->span, value);
}

const Node* Planner::PlanBare(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kInvalid:
    case ExprKind::kMessage:
      return nodes::UnknownName(store_, expr.span, "?");
    case ExprKind::kConstant:
      return nodes::Constant(store_, expr.span, expr.value);
    case ExprKind::kName:
      return PlanName(expr);
    case ExprKind::kSelect:
      return PlanSelect(expr);
    case ExprKind::kCall:
      return PlanCall(expr);
    case ExprKind::kList: {
      const std::vector<const Node*> items = PlanAll(expr.args);
      return Fold(nodes::List(store_, expr.span, items, expr.optional_args), items);
    }
    case ExprKind::kMap: {
      const std::vector<const Node*> entries = PlanAll(expr.args);
      return Fold(nodes::Map(store_, expr.span, entries, expr.optional_args), entries);
    }
    case ExprKind::kComprehension:
      return PlanLoop(expr);
    case ExprKind::kBind:
      return nodes::Bind(store_, expr.span, expr.local, Plan(*expr.args[0]), Plan(*expr.args[1]));
    case ExprKind::kOptionalMap:
      return nodes::OptionalMap(store_, expr.span, expr.local, Plan(*expr.args[0]),
                                Plan(*expr.args[1]), expr.flat);
  }
  return nullptr;
}

const Node* Planner::PlanName(const Expr& expr) {
  switch (expr.ref) {
    case RefKind::kSlot:
      return nodes::Slot(store_, expr.span, expr.slot);
    case RefKind::kLocal:
      return nodes::LocalVariable(store_, expr.span, expr.slot);
    case RefKind::kConstant:
      return nodes::Constant(store_, expr.span, expr.value);
    default:
      return nodes::UnknownName(store_, expr.span, expr.name);
  }
}

const Node* Planner::PlanSelect(const Expr& expr) {
  if (expr.ref == RefKind::kSlot) {
    return expr.is_test    ? nodes::SlotPresence(store_, expr.span, expr.slot)
           : expr.optional ? nodes::SlotAsOptional(store_, expr.span, expr.slot)
                           : nodes::Slot(store_, expr.span, expr.slot);
  }
  if (expr.ref == RefKind::kConstant) {
    return nodes::Constant(store_, expr.span, expr.is_test ? Value::Bool(true) : expr.value);
  }
  const Node* const operand = Plan(expr.operand());
  const Node* const parts[] = {operand};
  if (expr.ref == RefKind::kField) {
    const bool wraps = expr.optional || expr.operand().type.is(Type::Kind::kOptional);
    const auto make = expr.is_test ? &nodes::RecordFieldPresence
                      : wraps      ? &nodes::OptionalRecordField
                                   : &nodes::RecordField;
    return make(store_, expr.span, operand, expr.slot);
  }
  const Node* const node =
      expr.is_test    ? nodes::FieldPresence(store_, expr.span, operand, expr.name)
      : expr.optional ? nodes::OptionalField(store_, expr.span, operand, expr.name)
                      : nodes::Field(store_, expr.span, operand, expr.name);
  return Fold(node, parts);
}

const Node* Planner::PlanLoop(const Expr& expr) {
  nodes::LoopSpec spec;
  spec.loop = expr.loop;
  spec.range = Plan(*expr.args[0]);
  spec.body = Plan(*expr.args[1]);
  spec.filter = expr.args.size() > 2 ? Plan(*expr.args[2]) : nullptr;
  spec.local = expr.local;
  spec.two_variables = !expr.variable2.empty();
  return nodes::Comprehension(store_, expr.span, spec);
}

// The operators and methods that do not evaluate all their arguments.
const Node* Planner::PlanSpecialForm(const Expr& expr, Nodes args) {
  if (expr.name == op::kAnd) {
    return nodes::And(store_, expr.span, args);
  }
  if (expr.name == op::kOr) {
    return nodes::Or(store_, expr.span, args);
  }
  if (expr.name == op::kConditional) {
    return nodes::Conditional(store_, expr.span, args[0], args[1], args[2]);
  }
  if (expr.is_method && args.size() == 2 && (expr.name == "or" || expr.name == "orValue") &&
      !expr.overloads.empty()) {
    return nodes::OrElse(store_, expr.span, args[0], args[1], expr.name == "orValue");
  }
  return nullptr;
}

// Comparisons of one known type, and `in` over constants.
const Node* Planner::PlanFast(const Expr& expr, Nodes args) {
  if (expr.args.size() != 2 || expr.is_method) {
    return nullptr;
  }
  const Type& type = expr.args[0]->type;
  const Value* const constants = nodes::ConstantValue(args[1]);
  if (expr.name == op::kIn && constants != nullptr && constants->kind() == Kind::kList) {
    return nodes::InConstants(store_, expr.span, type, args[0], constants->as_list());
  }
  return type == expr.args[1]->type
             ? nodes::FastComparison(store_, expr.span, expr.name, type, args[0], args[1])
             : nullptr;
}

// A direct call, its named arguments bound.
const Node* Planner::PlanBound(const Expr& expr, std::vector<const Node*> args) {
  const Overload& overload = *expr.overloads[0];
  for (const NamedArgument& named : overload.named) {
    const Expr& name = *expr.args[named.index];
    const std::optional<std::string_view> text = ConstantText(name);
    const std::optional<Value> bound =
        text ? objects_.Bind(named.kind, *text, input_.environment) : std::nullopt;
    if (bound) {
      args[named.index] = nodes::Constant(store_, name.span, *bound);
    }
  }
  return Fold(nodes::Call(store_, expr.span, overload.implementation, args), args);
}

const Node* Planner::PlanCall(const Expr& expr) {
  std::vector<const Node*> args = PlanAll(expr.args);
  if (const Node* special = PlanSpecialForm(expr, args)) {
    return Fold(special, args);
  }
  // Only then every argument is known to be of its parameter's kind.
  const bool typed = std::none_of(expr.args.begin(), expr.args.end(), [](const Expr* arg) {
    return arg->type.is_dyn() || arg->type.is(Type::Kind::kNull);
  });
  if (typed) {
    if (const Node* fast = PlanFast(expr, args)) {
      return Fold(fast, args);
    }
  }
  if (std::any_of(expr.overloads.begin(), expr.overloads.end(),
                  [](const Overload* overload) { return overload->takes_zone; })) {
    args.push_back(nodes::Constant(store_, expr.span, objects_.DefaultZone(input_.environment)));
  }
  if (typed && expr.overloads.size() == 1 && expr.overloads[0]->implementation != nullptr) {
    return PlanBound(expr, std::move(args));
  }
  if (!expr.is_method && !expr.overloads.empty() && ChecksItsArguments(expr.name)) {
    return Fold(nodes::Call(store_, expr.span, expr.overloads[0]->implementation, args), args);
  }
  return Fold(nodes::DynamicCall(store_, expr.span, expr.name, expr.overloads, args), args);
}

}  // namespace

const Node* Plan(const PlanInput& input, NodeStore& store, BoundObjects& objects,
                 std::vector<FailingPart>& failing) {
  return Planner(input, store, objects, failing).PlanRoot(*input.ast.root());
}

}  // namespace kulanz::cel
