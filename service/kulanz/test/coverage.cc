#include "service/kulanz/test/coverage.h"

#include <algorithm>

#include "service/policy/policy.h"

namespace kulanz::command {

Coverage::Coverage(const policy::PolicySet& policies) {
  for (const auto& policy : policies.policies()) {
    if (policy->mode == policy::Mode::kOff) {
      continue;
    }
    hits_.emplace(policy->id.text(), Hits{.policy = policy.get(),
                                          .answered = false,
                                          .exclusions = std::vector<bool>(policy->exclude.size()),
                                          .rows = std::vector<bool>(policy->gesture.size())});
  }
}

void Coverage::Add(const Answered& answered) {
  for (const PolicyStory& story : answered.stories) {
    Hits& hits = hits_.at(story.policy->id.text());
    if (story.exclusion) {
      hits.exclusions[*story.exclusion] = true;
    }
    if (story.row) {
      hits.rows[*story.row] = true;
    }
  }
  const Decision& decision = answered.verdict.decision;
  if (decision.outcome != Outcome::kDenied && !decision.policy.empty()) {
    hits_.at(decision.policy.text()).answered = true;
  }
  for (const ShadowDecision& shadow : decision.shadow) {
    if (shadow.outcome != Outcome::kDenied) {
      hits_.at(shadow.policy.text()).answered = true;
    }
  }
}

std::size_t Coverage::covered() const {
  std::size_t sum = 0;
  for (const OfPolicy& policy : policies()) {
    sum += policy.covered;
  }
  return sum;
}

std::size_t Coverage::total() const {
  std::size_t sum = 0;
  for (const OfPolicy& policy : policies()) {
    sum += policy.total;
  }
  return sum;
}

std::vector<Coverage::OfPolicy> Coverage::policies() const {
  std::vector<OfPolicy> all;
  for (const auto& [id, hits] : hits_) {
    OfPolicy& one = all.emplace_back();
    one.policy = id;
    one.file = hits.policy->file;
    const auto count = [&one](bool is_covered, std::string name) {
      ++one.total;
      one.covered += is_covered ? 1U : 0U;
      if (!is_covered) {
        one.missed.push_back(std::move(name));
      }
    };
    for (std::size_t i = 0; i < hits.exclusions.size(); ++i) {
      count(hits.exclusions[i],
            "exclude " + std::to_string(i + 1) + " (" + hits.policy->exclude[i].reason + ")");
    }
    for (std::size_t i = 0; i < hits.rows.size(); ++i) {
      count(hits.rows[i], "gesture " + std::to_string(i + 1));
    }
    count(hits.answered, "giving anything at all");
  }
  return all;
}

std::size_t PercentOf(std::size_t covered, std::size_t total) {
  return total == 0 ? 100 : covered * 100 / total;
}

}  // namespace kulanz::command
