#include "service/policy/set_checks.h"

#include <map>
#include <vector>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type.h"
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

void CheckShared(std::span<const SharedVariables> shared, DiagnosticSink& sink) {
  std::map<std::string_view, const SharedVariables*> seen;
  for (const SharedVariables& one : shared) {
    const auto [first, is_new] = seen.emplace(one.name, &one);
    if (!is_new && !one.name.empty()) {
      sink.Add(*one.file, one.span, diagnostic_id::kDuplicateShared,
               "the name '" + one.name + "' is taken by " + first->second->file->name(),
               "give each file of shared variables a name of its own");
    }
  }
}

// The most generous of two policies can only be told in one currency.
void CheckCurrencies(std::span<const PolicyDraft> drafts, DiagnosticSink& sink) {
  std::map<std::string_view, const PolicyDraft*> seen;
  for (const PolicyDraft& draft : drafts) {
    const Policy& policy = *draft.policy;
    if (!policy.currency || policy.mode == Mode::kOff || policy.mode == Mode::kShadow) {
      continue;
    }
    for (const IncidentType* type : policy.incidents) {
      const PolicyDraft& first = *seen.emplace(type->name, &draft).first->second;
      if (first.policy->currency != policy.currency) {
        sink.Add(*draft.file, draft.currency, diagnostic_id::kMixedCurrencies,
                 "amounts for '" + type->name + "' are in " + std::string(policy.currency->code()) +
                     " here and in " + std::string(first.policy->currency->code()) + " in " +
                     PlaceOf(first, first.currency),
                 "'choose: highest' compares them, which needs one currency");
        break;
      }
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
  std::vector<std::string_view> messages = {delivery.message};
  messages.insert(messages.end(), delivery.message_by_severity.begin(),
                  delivery.message_by_severity.end());
  for (const auto* follow_up : {&delivery.reminder, &delivery.feedback}) {
    messages.push_back(*follow_up ? std::string_view((*follow_up)->message) : std::string_view());
  }
  for (std::size_t i = 0; i < draft.messages.size() && set.messages != nullptr; ++i) {
    if (!messages[i].empty() && set.messages->find(messages[i]) == set.messages->end()) {
      sink.Add(*draft.file, draft.messages[i], diagnostic_id::kUnknownMessage,
               "there is no folder messages/" + std::string(messages[i]),
               DidYouMean(messages[i], Keys(*set.messages), "known are"));
    }
  }
}

}  // namespace

void CheckSet(const SetToCheck& set, DiagnosticSink& sink) {
  CheckIds(set.drafts, sink);
  CheckShared(set.shared, sink);
  CheckBudgets(set.drafts, sink);
  if (set.choose == Choose::kHighest) {
    CheckCurrencies(set.drafts, sink);
  }
  for (const PolicyDraft& draft : set.drafts) {
    CheckDelivery(set, draft, sink);
  }
}

}  // namespace kulanz::policy
