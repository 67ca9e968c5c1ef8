// What can only be judged with the whole set at hand: ids, shared budgets, signers and messages.
//
// Thread-safe.
#pragma once

#include <set>
#include <span>
#include <string>

#include "service/policy/diagnostic.h"
#include "service/policy/people.h"
#include "service/policy/policy_reader.h"
#include "service/policy/policy_set.h"
#include "service/policy/shared_reader.h"

namespace kulanz::policy {

struct SetToCheck {
  std::span<const PolicyDraft> drafts;           // by file name
  std::span<const SharedVariables> shared = {};  // by file name
  Choose choose = Choose::kFirst;
  const People* people = nullptr;  // null: the set has none, signers are not checked
  const std::set<std::string, std::less<>>* messages = nullptr;  // null: as above
};

void CheckSet(const SetToCheck& set, DiagnosticSink& sink);

}  // namespace kulanz::policy
