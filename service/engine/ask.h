// Asking one policy: does it answer this incident, with how much, and what becomes of the answer.
//
// Thread-safety: none; the functions use the caller's scratch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  kDecided,  // it answered: a grant, an apology, a denial by its limits, or a case for review
};

struct Answer {
  AnswerKind kind = AnswerKind::kNotInEffect;
  Outcome outcome = Outcome::kDenied;
  std::string_view reason;  // lives as long as the policy set
  Severity severity = Severity::kMild;
  // Of an answer that came to money. `whole`: all that the incident is to have; `amount`: what earlier
  // reports of it did not give yet.
  std::optional<Money> whole;
  std::optional<Money> amount;
  std::string once_per;                   // of a grant or an apology
  std::vector<std::uint64_t> limit_keys;  // likewise, ascending
  std::optional<BudgetPeriod> budget;     // of a grant under a budget
  bool from_pool = false;                 // of a grant: its code comes from the policy's pool
  Step step;
  std::string detail;  // for people; only when explaining
};

// Whether the policy holds at the time of the incident.
inline bool IsInEffect(const policy::Policy& policy, const Facts& facts) {
  const Instant at = facts.incident.occurred_at;
  return at >= policy.effective_from && at <= policy.effective_until;
}

// `scratch.frame` is filled. The policy is taken as if its mode were enforce, except that with
// `obey_mode` a policy in review mode sends what it would give to review.
Answer Ask(const policy::Policy& policy, const Facts& facts, bool obey_mode, bool explain,
           Scratch& scratch);

// Only what it would give before limits and the like: kDecided with `whole`, kDecided as an apology
// without it, kDecided for review when an expression failed, or another kind.
Answer AskForGesture(const policy::Policy& policy, const Facts& facts, bool explain,
                     Scratch& scratch);

}  // namespace kulanz::engine
