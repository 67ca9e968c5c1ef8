#include <algorithm>
#include <string>
#include <vector>

#include "service/cel/diagnostic_ids.h"
#include "service/cel/limits.h"
#include "service/cel/policy_checks.h"

namespace kulanz::cel {
namespace {

std::uint64_t SaturatingAdd(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kUnboundedSize : sum;
}
std::uint64_t SaturatingMultiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kUnboundedSize : product;
}

// The worst case of a part: what it costs, and how large its value can be.
struct Bound {
  std::uint64_t cost = 0;
  std::uint64_t size = 1;  // code points of a string, items of a list or map
  std::uint64_t item = 1;  // the size of the largest text or list within
};

bool IsSized(const Type& type) {
  return type.is(Type::Kind::kString) || type.is(Type::Kind::kBytes) ||
         type.is(Type::Kind::kList) || type.is(Type::Kind::kMap);
}
// Whether a value of this type holds others of its own, whose size matters.
bool HoldsSized(const Type& type) {
  return std::any_of(type.parameters().begin(), type.parameters().end(), IsSized);
}

// Costs as in cel-go: a name 1, a list 10, a map 30, texts 0.1 per character.
constexpr std::uint64_t kListCost = 10;
constexpr std::uint64_t kMapCost = 30;
constexpr std::uint64_t kCharactersPerUnit = 10;

class Estimator {
 public:
  Bound Estimate(const Expr& expr);

 private:
  static Bound OfInput(const Expr& expr);
  Bound OfName(const Expr& expr) const;
  Bound OfCall(const Expr& expr);
  Bound OfScope(const Expr& expr);

  std::vector<Bound> locals_;
};

// An input, or the field of a record. Without a declared size there is no bound.
Bound Estimator::OfInput(const Expr& expr) {
  const Field& field = *expr.declared;
  const auto declared = [](std::uint32_t size) {
    return size == 0 ? kUnboundedSize : std::uint64_t{size};
  };
  std::size_t longest = 0;
  for (const std::string& literal : field.literals) {
    longest = std::max(longest, literal.size());
  }
  const std::uint64_t text = field.literals.empty() ? kUnboundedSize : longest;
  Bound bound{1, 1, 1};
  if (field.type.is(Type::Kind::kString) || field.type.is(Type::Kind::kBytes)) {
    bound.size = std::min(declared(field.max_size), text);
  } else if (IsSized(field.type)) {
    bound.size = declared(field.max_size);
    bound.item = HoldsSized(field.type) ? std::min(declared(field.item_max_size), text) : 1;
  }
  return bound;
}

Bound Estimator::OfName(const Expr& expr) const {
  if (expr.ref == RefKind::kLocal) {
    const auto slot = static_cast<std::size_t>(expr.slot);
    return {1, locals_[slot].size, locals_[slot].item};
  }
  return {1, IsSized(expr.type) ? expr.value.size() : 1, 1};
}

Bound Estimator::OfCall(const Expr& expr) {
  Bound bound{1, 0, 0};
  std::uint64_t smallest = kUnboundedSize;
  Bound first;
  Bound last;
  for (const Expr* arg : expr.args) {
    const Bound part = Estimate(*arg);
    first = arg == expr.args.front() ? part : first;
    last = part;
    bound.cost = SaturatingAdd(bound.cost, part.cost);
    bound.item = std::max(bound.item, part.item);
    if (IsSized(arg->type) || arg->type.is(Type::Kind::kOptional)) {
      bound.size = SaturatingAdd(bound.size, part.size);
      smallest = std::min(smallest, part.size);
    }
  }
  if (expr.name == op::kConditional || expr.name == op::kAnd || expr.name == op::kOr) {
    return bound;
  }
  const auto in_units = [](std::uint64_t size) {
    return size == kUnboundedSize ? size : size / kCharactersPerUnit;
  };
  if (expr.name == op::kIn && expr.args[0]->type.is(Type::Kind::kString)) {
    // Texts of other lengths are told apart at once; those of the needle's may take its whole length.
    return {SaturatingAdd(bound.cost,
                          SaturatingMultiply(last.size, SaturatingAdd(1, in_units(first.size)))),
            1, 1};
  }
  if (expr.name == "allocate") {
    const bool known = expr.args.back()->kind == ExprKind::kConstant &&
                       expr.args.back()->value.kind() == Kind::kInt;
    const auto parts = static_cast<std::uint64_t>(
        known ? std::clamp<std::int64_t>(expr.args.back()->value.as_int(), 1, kMaxAllocatedParts)
              : kMaxAllocatedParts);
    return {SaturatingAdd(bound.cost, parts), parts, 1};
  }
  const bool picks = expr.name == op::kIndex || expr.name == op::kOptionalIndex ||
                     expr.name == "first" || expr.name == "last";
  // Comparing ends with the shorter one; all else may go through every item or character.
  const bool compares = expr.name == op::kEquals || expr.name == op::kNotEquals;
  const bool texts = !expr.args.empty() && expr.args[0]->type.is(Type::Kind::kString);
  const std::uint64_t work = compares ? (bound.size == 0 ? 0 : smallest) : bound.size;
  const bool looks_inside = !picks && expr.name != "size" && expr.name != "orValue" &&
                            expr.name != "or" && expr.name != "value" && expr.name != "hasValue";
  bound.cost = SaturatingAdd(bound.cost, !looks_inside ? 0 : texts ? in_units(work) : work);
  const bool from_lists = std::any_of(expr.args.begin(), expr.args.end(), [](const Expr* arg) {
    return !arg->type.is(Type::Kind::kOptional) && HoldsSized(arg->type);
  });
  if (picks) {
    bound.size = bound.item;
  } else if (expr.type.is(Type::Kind::kString)) {
    // join() and format() put the items together.
    bound.size = from_lists ? SaturatingMultiply(bound.size, bound.item) : bound.size;
    bound.item = 1;
  } else if (!from_lists) {
    bound.item = bound.size;  // the parts of a text, as split() gives them
  }
  return bound;
}

// The variables of a scope are as large as what the range, the value or the optional holds.
Bound Estimator::OfScope(const Expr& expr) {
  const Bound range = Estimate(*expr.args[0]);
  const bool loops = expr.kind == ExprKind::kComprehension;
  const Bound variable = loops ? Bound{1, range.item, range.item} : range;
  const auto first = static_cast<std::size_t>(expr.local);
  locals_.resize(std::max(locals_.size(), first + 2));
  locals_[first] = locals_[first + 1] = variable;
  Bound body;
  std::uint64_t round = loops ? 1 : 0;
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const Bound part = Estimate(*expr.args[i]);
    round = SaturatingAdd(round, part.cost);
    body = i == 1 ? part : body;
  }
  if (!loops) {
    return {SaturatingAdd(SaturatingAdd(range.cost, round), 1), body.size, body.item};
  }
  const std::uint64_t item =
      expr.loop == Loop::kFilter ? range.item : std::max(body.size, body.item);
  return {SaturatingAdd(range.cost, SaturatingMultiply(range.size, round)), range.size, item};
}

Bound Estimator::Estimate(const Expr& expr) {
  if (expr.ref == RefKind::kSlot && !expr.is_test) {
    return OfInput(expr);
  }
  if (expr.ref == RefKind::kField && !expr.is_test) {
    Bound bound = OfInput(expr);
    bound.cost = SaturatingAdd(bound.cost, Estimate(expr.operand()).cost);
    return bound;
  }
  switch (expr.kind) {
    case ExprKind::kConstant:
      return {0, IsSized(expr.type) ? expr.value.size() : 1, 1};
    case ExprKind::kComprehension:
    case ExprKind::kBind:
    case ExprKind::kOptionalMap:
      return OfScope(expr);
    case ExprKind::kCall:
      return OfCall(expr);
    case ExprKind::kName:
      return OfName(expr);
    case ExprKind::kList:
    case ExprKind::kMap: {
      Bound bound{expr.kind == ExprKind::kList ? kListCost : kMapCost, expr.args.size(), 1};
      for (const Expr* arg : expr.args) {
        const Bound part = Estimate(*arg);
        bound.cost = SaturatingAdd(bound.cost, part.cost);
        bound.item = std::max({bound.item, part.size, part.item});
      }
      return bound;
    }
    default: {
      // What is selected is at most as large as the largest part of what it is selected from.
      Bound bound{1, 1, 1};
      for (const Expr* arg : expr.args) {
        const Bound part = Estimate(*arg);
        bound = {SaturatingAdd(bound.cost, part.cost), std::max(bound.size, part.item),
                 std::max(bound.item, part.item)};
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

WorstCase EstimateWorstCase(const Ast& ast) {
  const Bound bound = Estimator().Estimate(*ast.root());
  // As fields declare it: nothing is larger than one, and 0 says that there is no bound.
  const auto declared = [](std::uint64_t size) {
    constexpr std::uint64_t kMax = UINT32_MAX;
    return size > kMax ? 0U : static_cast<std::uint32_t>(std::max<std::uint64_t>(size, 1));
  };
  return {bound.cost == kUnboundedSize ? std::nullopt : std::optional<std::uint64_t>(bound.cost),
          {declared(bound.size), declared(bound.item)}};
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
