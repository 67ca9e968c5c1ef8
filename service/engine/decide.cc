#include "service/engine/decide.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "service/base/check.h"
#include "service/engine/ask.h"
#include "service/engine/frame.h"
#include "service/engine/holdout.h"
#include "service/policy/incident_type.h"
#include "service/policy/policy.h"

namespace kulanz::engine {
namespace {

using policy::Choose;
using policy::Mode;
using policy::Policy;
using policy::PolicySet;

VoucherTerms TermsOf(const Policy& policy, Money amount, bool from_pool, Instant now) {
  // The end of the local day that is so many days after the decision's.
  const Date last_day = policy.zone.DateAt(now) + std::chrono::days(policy.voucher.valid_for_days);
  const Instant end = policy.zone.EndOfDay(last_day) - Duration(1);
  return {.amount = amount,
          .valid_until = std::min(end, kMaxInstant),
          .zone = policy.zone_name,
          .prefix = from_pool ? std::string() : policy.voucher.prefix,
          .minimum_order = policy.voucher.minimum_order,
          .transferable = policy.voucher.transferable,
          .stored_value = policy.voucher.stored_value,
          .pool = from_pool ? policy.voucher.pool : std::string()};
}

void NamePolicy(const Policy& policy, const Facts& facts, Decision& decision) {
  decision.policy = policy.id;
  decision.department = policy.department;
  if (policy.holdout) {
    decision.holdout =
        Holdout{.share = *policy.holdout,
                .held_out = IsHeldOut(policy.id, facts.customer.id, *policy.holdout)};
  }
}

// What would have been given, where something stood in the way that another time or person may remove.
std::optional<Money> ProposedBy(const Answer& answer) {
  const bool is_possible =
      answer.outcome != Outcome::kDenied || answer.reason == reason::kCustomerLimit ||
      answer.reason == reason::kBudgetExhausted || answer.reason == reason::kPoolEmpty ||
      answer.reason == reason::kApologyFatigue || answer.reason == reason::kHoldout;
  return is_possible ? answer.amount : std::nullopt;
}

// Turns an answer into the decision and its budget.
void Settle(const Policy& policy, const Facts& facts, Answer answer, Verdict& verdict) {
  Decision& decision = verdict.decision;
  decision.outcome = answer.outcome;
  decision.reason = answer.reason;
  NamePolicy(policy, facts, decision);
  decision.severity = answer.severity;
  const bool is_grant = answer.outcome == Outcome::kGranted;
  if (!is_grant) {
    decision.proposed = ProposedBy(answer);
  }
  if (!is_grant && answer.outcome != Outcome::kApologised) {
    return;
  }
  if (is_grant) {
    KULANZ_CHECK(answer.amount.has_value(), "a grant has an amount");
    decision.voucher = TermsOf(policy, *answer.amount, answer.from_pool, facts.now);
    verdict.budget = std::move(answer.budget);
    if (verdict.budget) {
      decision.budget = {.name = verdict.budget->name, .starts = verdict.budget->starts};
    }
  }
  decision.delivery = {.message = policy.delivery.MessageFor(answer.severity),
                       .signed_by = policy.delivery.signed_by,
                       .wait = policy.delivery.wait,
                       .quiet_hours = policy.delivery.quiet_hours,
                       .reminder = policy.delivery.reminder,
                       .feedback = policy.delivery.feedback,
                       .channel = policy.delivery.channel};
  decision.once_per = std::move(answer.once_per);
  decision.limit_keys = std::move(answer.limit_keys);
}

// Takes the answer's detail.
PolicyTrace TraceOf(const Policy& policy, Answer& answer) {
  const bool gives = policy.mode == Mode::kEnforce && (answer.outcome == Outcome::kGranted ||
                                                       answer.outcome == Outcome::kApologised);
  return {.policy = &policy,
          .step = answer.step,
          .passed = gives,
          .reason = answer.reason,
          .detail = std::move(answer.detail)};
}

// The policies of the incident's type, asked one after the other.
class Round {
 public:
  Round(Choose choose, const Facts& facts, Explanation* explanation, Scratch& scratch,
        Verdict& verdict)
      : choose_(choose),
        facts_(facts),
        explanation_(explanation),
        scratch_(scratch),
        verdict_(verdict) {}

  void AskAll(const std::vector<const Policy*>& policies) {
    if (explanation_ != nullptr) {
      explanation_->policies.reserve(policies.size());
    }
    for (std::size_t i = 0; i < policies.size(); ++i) {
      AskInTurn(policies, i);
    }
    Conclude();
  }

  // Comes to the same: those that the index knows to say "no" are not asked.
  void AskCandidates(const std::vector<const Policy*>& policies, const policy::GuardIndex& index) {
    const policy::PositionSet& candidates = scratch_.candidates;
    index.Select(scratch_.frame, scratch_.candidates, scratch_.guarded);
    for (auto at = candidates.Next(0); at; at = candidates.Next(*at + 1)) {
      AskInTurn(policies, *at);
    }
    if (!is_decided_ && highest_ == nullptr &&
        !FindDenial(policies, index.eligible_for_all().size(), AnswerKind::kNoGesture,
                    [&](std::size_t number) { return index.eligible_for_all()[number]; }) &&
        furthest_ <= AnswerKind::kNotEligible) {
      FindDenial(policies, policies.size(), AnswerKind::kNotEligible,
                 [](std::size_t number) { return number; });
    }
    Conclude();
  }

 private:
  void AskInTurn(const std::vector<const Policy*>& policies, std::size_t position) {
    const Policy& policy = *policies[position];
    if (policy.mode == Mode::kShadow) {
      AskShadow(policy);
    } else if (!is_decided_) {
      AskOne(policy, position);
    }
  }

  // The denial is that of the first policy that got furthest. `position_at` names `count` policies, in their
  // order, that would get as far as `kind` where they were passed over and are in effect. True when one of
  // them is the first.
  template <typename PositionAt>
  bool FindDenial(const std::vector<const Policy*>& policies, std::size_t count, AnswerKind kind,
                  PositionAt position_at) {
    for (std::size_t number = 0; number < count; ++number) {
      const std::size_t at = position_at(number);
      if (furthest_ > kind || (furthest_ == kind && denied_at_ < at)) {
        return false;
      }
      if (!scratch_.candidates.Contains(at) && IsInEffect(*policies[at], facts_)) {
        furthest_ = AnswerKind::kNotInEffect;  // so that its answer is taken
        AskOne(*policies[at], at);
        return true;
      }
    }
    return false;
  }

  void Conclude() {
    if (highest_ != nullptr) {
      SettleHighest();
    }
    if (!is_decided_) {
      verdict_.decision.outcome = Outcome::kDenied;
      verdict_.decision.reason = denial_;
      if (denied_by_ != nullptr) {
        NamePolicy(*denied_by_, facts_, verdict_.decision);
      }
    }
  }

  void AskOne(const Policy& policy, std::size_t position) {
    const bool explain = explanation_ != nullptr;
    Answer answer = choose_ == Choose::kFirst ? Ask(policy, facts_, true, explain, scratch_)
                                              : AskForGesture(policy, facts_, explain, scratch_);
    if (answer.kind == AnswerKind::kDecided && choose_ == Choose::kHighest) {
      Compare(policy, std::move(answer));
      return;
    }
    Explain(policy, answer);
    if (answer.kind == AnswerKind::kDecided) {
      is_decided_ = true;
      Settle(policy, facts_, std::move(answer), verdict_);
    } else if (answer.kind > furthest_) {
      furthest_ = answer.kind;
      denial_ = answer.reason;
      denied_by_ = &policy;
      denied_at_ = position;
    }
  }

  // With `choose: highest` the most generous answer wins, the first of equals; a letter without money is
  // less than any money. A failed expression could have come to more than all, so it decides at once.
  void Compare(const Policy& policy, Answer answer) {
    const bool failed = answer.outcome == Outcome::kReview;
    const bool is_more =
        highest_ == nullptr ||
        (answer.whole && (!highest_whole_ || answer.whole->Compare(*highest_whole_) ==
                                                 std::partial_ordering::greater));
    if (failed || is_more) {
      highest_ = &policy;
      highest_whole_ = answer.whole;
    }
    is_decided_ = failed;
    Explain(policy, answer);
  }

  void SettleHighest() {
    const bool explain = explanation_ != nullptr;
    Answer answer = Ask(*highest_, facts_, true, explain, scratch_);
    if (explain) {
      for (PolicyTrace& trace : explanation_->policies) {
        TellOfHighest(answer, trace);
      }
    }
    is_decided_ = true;
    Settle(*highest_, facts_, std::move(answer), verdict_);
  }

  // What was asked of each policy for comparison becomes the answer, or the reason why it is none.
  void TellOfHighest(Answer& answer, PolicyTrace& trace) const {
    if (trace.policy == highest_) {
      trace = TraceOf(*highest_, answer);
    } else if (trace.reason.empty()) {
      trace.reason = reason::kNotHighest;
      trace.detail += "; '" + highest_->id.text() + "' is asked instead, being the most generous";
    }
  }

  void AskShadow(const Policy& policy) {
    Answer answer = Ask(policy, facts_, false, explanation_ != nullptr, scratch_);
    Explain(policy, answer);
    if (answer.kind != AnswerKind::kNotInEffect) {
      verdict_.decision.shadow.push_back({.policy = policy.id,
                                          .outcome = answer.outcome,
                                          .reason = std::string(answer.reason),
                                          .amount = answer.amount});
    }
  }

  void Explain(const Policy& policy, Answer& answer) {
    if (explanation_ != nullptr) {
      explanation_->policies.push_back(TraceOf(policy, answer));
    }
  }

  Choose choose_;
  const Facts& facts_;
  Explanation* explanation_;
  Scratch& scratch_;
  Verdict& verdict_;
  const Policy* highest_ = nullptr;  // so far, with `choose: highest`
  std::optional<Money> highest_whole_;
  bool is_decided_ = false;
  AnswerKind furthest_ = AnswerKind::kNotInEffect;
  std::string_view denial_ = reason::kNoPolicy;
  const Policy* denied_by_ = nullptr;  // the policy whose reason it is
  std::size_t denied_at_ = 0;          // its position
};

enum class Walk : std::uint8_t { kCandidates, kAll };

Verdict Run(const PolicySet& policies, const Facts& facts, Walk walk, Explanation* explanation) {
  Verdict verdict;
  verdict.decision.incident = facts.incident;
  verdict.decision.revision = policies.revision();
  verdict.decision.decided_at = facts.now;
  verdict.decision.given_before = facts.given_before;
  if (facts.customer.blocked) {
    verdict.decision.reason = reason::kCustomerBlocked;
    return verdict;
  }
  const policy::IncidentType* type = policies.FindIncidentType(facts.incident.type);
  if (type == nullptr) {
    verdict.decision.reason = reason::kNoPolicy;
    return verdict;
  }
  // Decisions of one thread use the same memory one after the other.
  thread_local Scratch scratch;
  FillFrame(policies, *type, facts, scratch);
  Round round(policies.choose(), facts, explanation, scratch, verdict);
  const policy::GuardIndex& index = policies.IndexFor(*type);
  if (walk == Walk::kCandidates && index.is_useful()) {
    round.AskCandidates(policies.PoliciesFor(*type), index);
  } else {
    round.AskAll(policies.PoliciesFor(*type));
  }
  return verdict;
}

}  // namespace

Verdict Decide(const PolicySet& policies, const Facts& facts) {
  return Run(policies, facts, Walk::kCandidates, nullptr);
}

Verdict DecideByAskingAll(const PolicySet& policies, const Facts& facts) {
  return Run(policies, facts, Walk::kAll, nullptr);
}

Verdict DecideAndExplain(const PolicySet& policies, const Facts& facts, Explanation& explanation) {
  explanation.policies.clear();
  return Run(policies, facts, Walk::kAll, &explanation);
}

}  // namespace kulanz::engine
