#include "service/policy/set_checks.h"

#include <map>
#include <vector>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/suggest.h"

namespace kulanz::policy {
namespace {

std::string PlaceOf(const PolicyDraft& draft, TextSpan span) {
  return draft.file->name() + ":" + std::to_string(draft.file->Locate(span.begin).line);
}

void CheckIds(std::span<const PolicyDraft> drafts, DiagnosticSink& sink) {
  std::map<std::string_view, const PolicyDraft*> seen;
  for (const PolicyDraft& draft : drafts) {
    const std::string& id = draft.policy->id.text();
    if (id.empty()) {
      continue;
    }
    const auto [first, is_new] = seen.emplace(id, &draft);
    if (!is_new) {
      sink.Add(*draft.file, draft.id, diagnostic_id::kDuplicatePolicy,
               "the id '" + id + "' is taken by " + PlaceOf(*first->second, first->second->id),
               "give each policy an id of its own");
    }
  }
}

// What differs between two declarations of one budget, or nothing.
std::string Difference(const Policy& a, const Policy& b) {
  if (a.budget->amount.currency() != b.budget->amount.currency()) {
    return "another currency";
  }
  if (a.budget->amount != b.budget->amount) {
    return "another amount, " + a.budget->amount.ToString();
  }
  if (a.budget->every != b.budget->every) {
    return "another period, " +
           std::string(kEveryNames.at(static_cast<std::size_t>(a.budget->every)));
  }
  return a.zone_name == b.zone_name ? "" : "another zone, " + a.zone_name;
}

void CheckBudgets(std::span<const PolicyDraft> drafts, DiagnosticSink& sink) {
  std::map<std::string_view, const PolicyDraft*> seen;
  for (const PolicyDraft& draft : drafts) {
    if (!draft.policy->budget) {
      continue;
    }
    const auto [first, is_new] = seen.emplace(draft.policy->budget->name, &draft);
    const std::string difference = is_new ? "" : Difference(*first->second->policy, *draft.policy);
    if (!difference.empty()) {
      sink.Add(*draft.file, draft.budget, diagnostic_id::kBudgetMismatch,
               "the budget '" + draft.policy->budget->name + "' has " + difference + ", in " +
                   PlaceOf(*first->second, first->second->budget),
               "policies that share a budget must agree on it");
    }
  }
}

template <typename Names>
std::vector<std::string_view> Keys(const Names& names) {
  std::vector<std::string_view> keys;
  for (const auto& name : names) {
    if constexpr (requires { name.first; }) {
      keys.push_back(name.first);
    } else {
      keys.push_back(name);
    }
  }
  return keys;
}

void CheckDelivery(const SetToCheck& set, const PolicyDraft& draft, DiagnosticSink& sink) {
  const DeliveryRule& delivery = draft.policy->delivery;
  if (set.people != nullptr && !delivery.signed_by.empty() &&
      set.people->find(delivery.signed_by) == set.people->end()) {
    sink.Add(*draft.file, draft.signed_by, diagnostic_id::kUnknownPerson,
             "'" + delivery.signed_by + "' is not in people.yaml",
             DidYouMean(delivery.signed_by, Keys(*set.people), "known are"));
  }
  if (set.messages != nullptr && !delivery.message.empty() &&
      set.messages->find(delivery.message) == set.messages->end()) {
    sink.Add(*draft.file, draft.message, diagnostic_id::kUnknownMessage,
             "there is no folder messages/" + delivery.message,
             DidYouMean(delivery.message, Keys(*set.messages), "known are"));
  }
}

}  // namespace

void CheckSet(const SetToCheck& set, DiagnosticSink& sink) {
  CheckIds(set.drafts, sink);
  CheckBudgets(set.drafts, sink);
  for (const PolicyDraft& draft : set.drafts) {
    CheckDelivery(set, draft, sink);
  }
}

}  // namespace kulanz::policy
