// Asking one policy: does it answer this incident, with how much, and what becomes of the answer.
//
// Thread-safety: none; the functions use the caller's scratch.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/domain/decision.h"
#include "service/domain/money.h"
#include "service/engine/decide.h"
#include "service/engine/evaluation.h"
#include "service/engine/frame.h"
#include "service/policy/policy.h"

namespace kulanz::engine {

// What one policy says. Ordered: when no policy answers, the denial comes from the last kind found.
enum class AnswerKind : std::uint8_t {
  kNotInEffect,
  kNotEligible,
  kNoGesture,
  kExcluded,
  kDecided,  // it answered: a grant, a denial by its limits, or a case for review
};

struct Answer {
  AnswerKind kind = AnswerKind::kNotInEffect;
  Outcome outcome = Outcome::kDenied;
  std::string_view reason;             // lives as long as the policy set
  std::optional<Money> amount;         // of an answer that came to one
  std::string once_per;                // of a grant
  std::optional<BudgetPeriod> budget;  // of a grant under a budget
  Step step;
  std::string detail;  // for people; only when explaining
};

// Whether the policy holds at the time of the incident.
inline bool IsInEffect(const policy::Policy& policy, const Facts& facts) {
  const Instant at = facts.incident.occurred_at;
  return at >= policy.effective_from && at <= policy.effective_until;
}

// `scratch.frame` is filled. The policy is taken as if its mode were enforce, except that with
// `obey_mode` a policy in review mode sends a grant to review.
Answer Ask(const policy::Policy& policy, const Facts& facts, bool obey_mode, bool explain,
           Scratch& scratch);

}  // namespace kulanz::engine
