#include "service/policy/policy_set_builder.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>

namespace kulanz::policy {
namespace {

template <typename Visit>
void ForEachExpression(const Policy& policy, const Visit& visit) {
  for (const Variable& variable : policy.variables) {
    visit(variable.value);
  }
  visit(policy.eligible);
  for (const Exclusion& exclusion : policy.exclude) {
    visit(exclusion.when);
  }
  for (const SeverityRow& row : policy.severity) {
    visit(row.when);
  }
  for (const GestureRow& row : policy.gesture) {
    visit(row.when);
    visit(row.amount);
  }
  for (const Limit& limit : policy.limits) {
    visit(limit.amount_now);
    visit(limit.per);
  }
  visit(policy.amount.at_least);
  visit(policy.amount.at_most);
  visit(policy.once_per);
}

// How far from an incident something of the same calendar period can be, with a day for the clock changes.
Duration LongestPeriod(Every every) {
  constexpr std::array<int, 6> kDays = {2, 8, 32, 93, 367, 0};
  return std::chrono::hours(24) * kDays.at(static_cast<std::size_t>(every));
}

}  // namespace

PolicySetBuilder::PolicySetBuilder(std::vector<IncidentType> types) : set_(new PolicySet()) {
  set_->types_ = std::move(types);
}

void PolicySetBuilder::AddPolicy(std::unique_ptr<const Policy> policy) {
  set_->policies_.push_back(std::move(policy));
}

void PolicySetBuilder::IndexByType() {
  set_->by_type_.resize(set_->types_.size());
  for (const std::unique_ptr<const Policy>& policy : set_->policies_) {
    for (const IncidentType* type : policy->incidents) {
      if (policy->mode != Mode::kOff) {
        set_->by_type_[type->index].push_back(policy.get());
      }
    }
  }
  for (std::vector<const Policy*>& policies : set_->by_type_) {
    std::sort(policies.begin(), policies.end(), [](const Policy* a, const Policy* b) {
      return std::tuple(-a->priority, std::cref(a->id)) <
             std::tuple(-b->priority, std::cref(b->id));
    });
    set_->indexes_.emplace_back(policies, set_->input_slots_);
  }
}

void PolicySetBuilder::NoteReads(const Policy& policy) {
  ForEachExpression(policy, [&](const Expression& expression) {
    if (!expression) {
      return;
    }
    for (const int slot : expression.program->slots()) {
      for (const IncidentType* type : policy.incidents) {
        set_->reads_[type->index][static_cast<std::size_t>(slot)] = true;
      }
    }
  });
}

void PolicySetBuilder::NoteReach(const Policy& policy) {
  Duration& longest = set_->longest_window_;
  for (const Limit& limit : policy.limits) {
    longest = std::max(longest, limit.every ? LongestPeriod(*limit.every) : limit.within);
  }
  if (policy.fatigue) {
    longest = std::max(longest, policy.fatigue->within);
  }
  if (policy.once_per) {
    longest = std::max(longest, kOncePerReach);
  }
}

std::shared_ptr<const PolicySet> PolicySetBuilder::Build(PolicyRevision revision, int input_slots) {
  std::sort(set_->policies_.begin(), set_->policies_.end(),
            [](const auto& a, const auto& b) { return a->id < b->id; });
  set_->revision_ = std::move(revision);
  set_->input_slots_ = input_slots;
  std::size_t variables = 0;
  for (const std::unique_ptr<const Policy>& policy : set_->policies_) {
    variables = std::max(variables, policy->variables.size());
    NoteReach(*policy);
  }
  set_->frame_slots_ = input_slots + static_cast<int>(variables);
  set_->reads_.assign(set_->types_.size(),
                      std::vector<bool>(static_cast<std::size_t>(set_->frame_slots_), false));
  for (const std::unique_ptr<const Policy>& policy : set_->policies_) {
    NoteReads(*policy);
  }
  IndexByType();
  return set_;
}

}  // namespace kulanz::policy
