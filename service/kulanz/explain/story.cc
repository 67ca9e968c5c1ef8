#include "service/kulanz/explain/story.h"

#include <bit>
#include <string_view>

#include "service/engine/frame.h"
#include "service/kulanz/explain/parts.h"

namespace kulanz::command {
namespace {

using cel::Value;
using policy::Expression;
using policy::Policy;

constexpr std::size_t kValueBytesMax = 200;

Finding FindingOf(const Value& value) {
  if (value.is_error()) {
    return Finding::kError;
  }
  if (value.kind() != cel::Kind::kBool) {
    return Finding::kValue;
  }
  return value.is_true() ? Finding::kHolds : Finding::kFails;
}

class Teller {
 public:
  Teller(const policy::PolicySet& policies, const Policy& policy, const engine::Facts& facts)
      : policy_(policy), facts_(facts) {
    story_.policy = &policy;
    const policy::IncidentType* const type = policies.FindIncidentType(facts.incident.type);
    if (type != nullptr) {
      engine::FillFrame(policies, *type, facts, scratch_);
    }
    can_evaluate_ = type != nullptr;
  }

  PolicyStory Tell() {
    const Instant at = facts_.incident.occurred_at;
    story_.in_effect = at >= policy_.effective_from && at <= policy_.effective_until;
    if (can_evaluate_ && story_.in_effect && IsEligible() && IsNotExcluded()) {
      TakeRow();
    }
    return std::move(story_);
  }

 private:
  bool IsEligible() { return !policy_.eligible || Say("eligible", policy_.eligible).is_true(); }

  bool IsNotExcluded() {
    for (std::size_t i = 0; i < policy_.exclude.size(); ++i) {
      const policy::Exclusion& exclusion = policy_.exclude[i];
      const Value value = Say("exclude " + std::to_string(i + 1), exclusion.when);
      if (value.is_true()) {
        story_.steps.back().note = exclusion.reason;
        story_.exclusion = i;
      }
      if (value.is_true() || value.is_error()) {
        return false;
      }
    }
    return true;
  }

  void TakeRow() {
    for (std::size_t i = 0; i < policy_.gesture.size(); ++i) {
      const policy::GestureRow& row = policy_.gesture[i];
      const std::string label = "gesture " + std::to_string(i + 1);
      if (row.when) {
        const Value value = Say(label, row.when);
        if (value.is_error()) {
          return;
        }
        if (!value.is_true()) {
          continue;
        }
      } else {
        story_.steps.push_back({.label = label,
                                .text = "(always)",
                                .value = "true",
                                .note = {},
                                .finding = Finding::kHolds,
                                .parts = {}});
      }
      story_.row = i;
      if (row.is_apology()) {
        story_.steps.back().note = "an apology without money";
      }
      if ((row.is_apology() || TakeAmount(row)) && JudgeSeverity()) {
        TellKeys(row);
      }
      return;
    }
  }

  bool TakeAmount(const policy::GestureRow& row) {
    return !Say("amount", row.amount).is_error() &&
           (!policy_.amount.at_least || !Say("at least", policy_.amount.at_least).is_error()) &&
           (!policy_.amount.at_most || !Say("at most", policy_.amount.at_most).is_error());
  }

  bool JudgeSeverity() {
    for (std::size_t i = 0; i < policy_.severity.size(); ++i) {
      const policy::SeverityRow& row = policy_.severity[i];
      if (!row.when) {
        break;
      }
      const Value value = Say("severity " + std::to_string(i + 1), row.when);
      if (value.is_error()) {
        return false;
      }
      if (value.is_true()) {
        story_.steps.back().note = SeverityName(row.is);
        break;
      }
    }
    return true;
  }

  // What the gesture is counted by, and how much a limit allows now.
  void TellKeys(const policy::GestureRow& row) {
    if (policy_.once_per) {
      Say("once per", policy_.once_per);
    }
    for (std::size_t i = 0; i < policy_.limits.size() && !row.is_apology(); ++i) {
      const policy::Limit& limit = policy_.limits[i];
      const std::string label = "limits " + std::to_string(i + 1);
      if (limit.per) {
        Say(label + " per", limit.per);
      }
      if (limit.amount_now) {
        Say(label + " amount", limit.amount_now);
      }
    }
  }

  // Evaluates the expression, with the variables that it needs, and tells both.
  Value Say(std::string label, const Expression& expression) {
    for (std::uint64_t missing = expression.variables & ~computed_; missing != 0;
         missing &= missing - 1) {
      const policy::Variable& variable =
          policy_.variables[static_cast<std::size_t>(std::countr_zero(missing))];
      scratch_.frame[static_cast<std::size_t>(variable.slot)] =
          Evaluate("vars." + variable.name, variable.value, story_.variables);
    }
    computed_ |= expression.variables;
    return Evaluate(std::move(label), expression, story_.steps);
  }

  Value Evaluate(std::string label, const Expression& expression,
                 std::vector<ExpressionStory>& told) {
    const cel::Program& program = *expression.program;
    PartsObserver observer(program.text());
    const Value value = program.Explain(scratch_.frame, scratch_.arena, observer);
    told.push_back({.label = std::move(label),
                    .text = OneLine(program.text()),
                    .value = ValueText(value),
                    .note = {},
                    .finding = FindingOf(value),
                    .parts = observer.Take()});
    return value;
  }

  const Policy& policy_;
  const engine::Facts& facts_;
  engine::Scratch scratch_;
  PolicyStory story_;
  std::uint64_t computed_ = 0;
  bool can_evaluate_ = false;
};

}  // namespace

PolicyStory TellPolicy(const policy::PolicySet& policies, const Policy& policy,
                       const engine::Facts& facts) {
  return Teller(policies, policy, facts).Tell();
}

std::string ValueText(const Value& value) {
  if (value.is_error()) {
    std::string text = "failed: " + std::string(cel::ErrorName(value.error_code()));
    if (const std::string_view more = value.error_text(); !more.empty()) {
      text.append(" (").append(more).append(")");
    }
    return text;
  }
  std::string text = OneLine(cel::DebugString(value));
  if (text.size() > kValueBytesMax) {
    std::size_t end = kValueBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text = text.substr(0, end) + "...";
  }
  return text;
}

}  // namespace kulanz::command
