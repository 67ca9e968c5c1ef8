#include <algorithm>
#include <string>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/limits.h"
#include "service/cel/policy_checks.h"

namespace kulanz::cel {
namespace {

std::uint64_t Add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kUnboundedSize : sum;
}
std::uint64_t Multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kUnboundedSize : product;
}

// The worst case of a part: what it costs, and how large its value can be.
struct Bound {
  std::uint64_t cost = 0;
  std::uint64_t size = 1;  // code points of a string, items of a list or map
};

bool IsSized(const Type& type) {
  return type.is(Type::Kind::kString) || type.is(Type::Kind::kBytes) ||
         type.is(Type::Kind::kList) || type.is(Type::Kind::kMap);
}

// Costs as in cel-go: a name 1, a list 10, a map 30, texts 0.1 per character.
constexpr std::uint64_t kListCost = 10;
constexpr std::uint64_t kMapCost = 30;
constexpr std::uint64_t kCharactersPerUnit = 10;
// The texts in a list have no declared maximum; what a variable that goes through them counts as.
constexpr std::uint64_t kAssumedItemSize = 256;

class Estimator {
 public:
  explicit Estimator(const Environment& environment) : environment_(environment) {}

  Bound Estimate(const Expr& expr);

 private:
  Bound OfInput(const Expr& expr) const;
  Bound OfCall(const Expr& expr);
  Bound OfLoop(const Expr& expr);

  const Environment& environment_;
};

Bound Estimator::OfInput(const Expr& expr) const {
  const Environment::Declaration* const declaration = environment_.Find(expr.declared_name);
  if (declaration == nullptr || !IsSized(declaration->field.type)) {
    return {1, 1};
  }
  const Field& field = declaration->field;
  if (!field.literals.empty() && field.type.is(Type::Kind::kString)) {
    std::size_t longest = 0;
    for (const std::string& literal : field.literals) {
      longest = std::max(longest, literal.size());
    }
    return {1, longest};
  }
  return {1, field.max_size == 0 ? kUnboundedSize : field.max_size};
}

Bound Estimator::OfCall(const Expr& expr) {
  Bound bound{1, 0};
  std::uint64_t smallest = kUnboundedSize;
  for (const Expr* arg : expr.args) {
    const Bound part = Estimate(*arg);
    bound.cost = Add(bound.cost, part.cost);
    if (IsSized(arg->type)) {
      bound.size = Add(bound.size, part.size);
      smallest = std::min(smallest, part.size);
    }
  }
  // Comparing ends with the shorter one; all else may go through every item or character.
  const bool compares = expr.name == op::kEquals || expr.name == op::kNotEquals;
  bool texts = !expr.args.empty() && expr.args[0]->type.is(Type::Kind::kString);
  const std::uint64_t work = compares ? (bound.size == 0 ? 0 : smallest) : bound.size;
  if (expr.name == op::kConditional || expr.name == op::kAnd || expr.name == op::kOr) {
    return bound;
  }
  const std::uint64_t units = texts && work != kUnboundedSize ? work / kCharactersPerUnit : work;
  bound.cost = Add(bound.cost, expr.name == op::kIndex || expr.name == "size" ? 0 : units);
  return bound;
}

Bound Estimator::OfLoop(const Expr& expr) {
  const Bound range = Estimate(*expr.args[0]);
  std::uint64_t round = 1;
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    round = Add(round, Estimate(*expr.args[i]).cost);
  }
  return {Add(range.cost, Multiply(range.size, round)), range.size};
}

Bound Estimator::Estimate(const Expr& expr) {
  if (expr.ref == RefKind::kSlot && !expr.is_test) {
    return OfInput(expr);
  }
  switch (expr.kind) {
    case ExprKind::kConstant:
      return {0, IsSized(expr.type) ? expr.value.size() : 1};
    case ExprKind::kComprehension:
      return OfLoop(expr);
    case ExprKind::kCall:
      return OfCall(expr);
    case ExprKind::kList:
    case ExprKind::kMap: {
      Bound bound{expr.kind == ExprKind::kList ? kListCost : kMapCost, expr.args.size()};
      for (const Expr* arg : expr.args) {
        bound.cost = Add(bound.cost, Estimate(*arg).cost);
      }
      return bound;
    }
    case ExprKind::kName:
      return {1, IsSized(expr.type) ? kAssumedItemSize : 1};
    default: {
      // A scope's or selection's value is at most as large as what it is made of.
      Bound bound{1, 0};
      for (const Expr* arg : expr.args) {
        const Bound part = Estimate(*arg);
        bound = {Add(bound.cost, part.cost), Add(bound.size, part.size)};
      }
      return bound;
    }
  }
}

// Reports the first loop that stands in too many others. What a loop goes through stands outside it.
bool CheckNesting(const Expr& expr, int loops, Diagnostics& diagnostics) {
  const int inside = loops + (expr.kind == ExprKind::kComprehension ? 1 : 0);
  if (inside > kMaxPolicyLoops) {
    diagnostics.push_back(
        {.id = id::kTooManyLoops,
         .message = "'" + std::string(LoopName(expr.loop)) + "' stands in more than one other loop",
         .span = expr.name_span,
         .hint = "split it into variables",
         .replacement = {}});
    return false;
  }
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    if (!CheckNesting(*expr.args[i], i == 0 ? loops : inside, diagnostics)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> EstimateCost(const Ast& ast, const Environment& environment) {
  const std::uint64_t cost = Estimator(environment).Estimate(*ast.root()).cost;
  return cost == kUnboundedSize ? std::nullopt : std::optional<std::uint64_t>(cost);
}

void CheckCost(const Ast& ast, const std::optional<std::uint64_t>& cost, Diagnostics& diagnostics) {
  if (CheckNesting(*ast.root(), 0, diagnostics) && (!cost || *cost > kMaxPolicyCost)) {
    diagnostics.push_back(
        {.id = id::kTooCostly,
         .message = cost ? "the worst case costs " + std::to_string(*cost) +
                               " units, more than the limit of " + std::to_string(kMaxPolicyCost)
                         : "the worst case is not bounded, as an input has no maximum size",
         .span = ast.root()->span,
         .hint = cost ? "lower the maximum sizes of the inputs, or loop less"
                      : "declare the maximum size of every list and text",
         .replacement = {}});
  }
}

}  // namespace kulanz::cel
