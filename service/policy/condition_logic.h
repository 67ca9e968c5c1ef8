// What can be said of two conditions from their text alone: that one follows from the other, or that both
// cannot be true. Used for lint, so it errs on the side of saying nothing.
//
// A condition is taken apart at && into parts such as `vars.days >= 7`, `incident.care in ["a", "b"]` or
// `!vars.is_large`; what is compared is the same where its text is, since expressions have no side effects.
//
// Thread-safe; plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/decimal.h"

namespace kulanz::policy {

// One part. `text` is without blanks outside of quotes.
struct ConditionPart {
  enum class Relation : std::uint8_t { kOpaque, kAtLeast, kAbove, kAtMost, kBelow, kOneOf };
  std::string text;
  Relation relation = Relation::kOpaque;
  std::string subject;              // what is compared
  std::string unit;                 // "hours" of hours(12); empty for a bare number
  Decimal bound;                    // of the four with an order
  std::vector<std::string> values;  // of kOneOf: literals as they are written
};

using Condition = std::vector<ConditionPart>;
Condition ParseCondition(std::string_view text);

// Whether `stronger` can only be true where `weaker` is.
bool Implies(const Condition& stronger, const Condition& weaker);
// Whether both can never be true together.
bool Contradict(const Condition& a, const Condition& b);

}  // namespace kulanz::policy
