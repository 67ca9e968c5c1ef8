#include "service/policy/lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/policy/condition_logic.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type.h"

namespace kulanz::policy {
namespace {

void Warn(const SourceFile& file, TextSpan span, std::string_view id, std::string message,
          std::string hint, DiagnosticSink& sink) {
  sink.Add(file, span, id, std::move(message), std::move(hint), Severity::kWarning);
}

// The variables that some other part of the policy reads, directly or through another one.
std::uint64_t UsedVariables(const Policy& policy) {
  std::uint64_t used = policy.eligible.variables | policy.amount.at_least.variables |
                       policy.amount.at_most.variables | policy.once_per.variables;
  for (const Exclusion& exclusion : policy.exclude) {
    used |= exclusion.when.variables;
  }
  for (const SeverityRow& row : policy.severity) {
    used |= row.when.variables;
  }
  for (const GestureRow& row : policy.gesture) {
    used |= row.when.variables | row.amount.variables;
  }
  for (const Limit& limit : policy.limits) {
    used |= limit.amount_now.variables | limit.per.variables;
  }
  return used;
}

std::set<std::string_view> NamesOf(const Policy& policy, std::uint64_t used) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < policy.variables.size(); ++i) {
    if ((used >> i & 1U) != 0) {
      names.insert(policy.variables[i].name);
    }
  }
  return names;
}

void CheckVariables(const SetToLint& set, DiagnosticSink& sink) {
  const auto check = [&sink](const SourceFile& file, const Node* variables,
                             const std::set<std::string_view>& used) {
    for (std::size_t i = 0; variables != nullptr && i < variables->entries.size(); ++i) {
      const Node& key = variables->entries[i].key;
      if (!used.contains(key.text)) {
        Warn(file, key.span, diagnostic_id::kUnusedVariable,
             "nothing uses the variable '" + key.text + "'", "remove it", sink);
      }
    }
  };
  std::map<std::string_view, std::set<std::string_view>> used_of_shared;
  for (const PolicyDraft& draft : set.drafts) {
    const std::set<std::string_view> used = NamesOf(*draft.policy, UsedVariables(*draft.policy));
    check(*draft.file, FindEntry(draft.root, "variables"), used);
    for (const std::string& name : draft.imports) {
      used_of_shared[name].insert(used.begin(), used.end());
    }
  }
  for (const SharedVariables& shared : set.shared) {
    const auto used = used_of_shared.find(shared.name);
    if (used == used_of_shared.end()) {
      Warn(*shared.file, shared.span, diagnostic_id::kUnusedShared,
           "no policy imports '" + shared.name + "'",
           "its variables are not even checked; import it, or remove the file", sink);
    } else {
      check(*shared.file, shared.variables, used->second);
    }
  }
}

// Whether some expression names it, in either kind of quotes.
bool IsNamed(const SetToLint& set, const std::string& name) {
  const std::string quoted = '"' + name + '"';
  const std::string single = "'" + name + "'";
  const auto names = [&](const SourceFile& file) {
    return file.text().find(quoted) != std::string::npos ||
           file.text().find(single) != std::string::npos;
  };
  return std::any_of(set.drafts.begin(), set.drafts.end(),
                     [&](const PolicyDraft& draft) { return names(*draft.file); }) ||
         std::any_of(set.shared.begin(), set.shared.end(),
                     [&](const SharedVariables& shared) { return names(*shared.file); });
}

template <typename IsUsed>
void CheckNames(const NamingFile& file, std::string_view key, std::string_view id,
                std::string_view what, const IsUsed& is_used, DiagnosticSink& sink) {
  const Node* names = FindEntry(file.root, key);
  for (std::size_t i = 0; names != nullptr && i < names->entries.size(); ++i) {
    const Node& name = names->entries[i].key;
    if (!is_used(name.text)) {
      Warn(*file.source, name.span, id,
           "no policy uses the " + std::string(what) + " '" + name.text + "'", "remove it", sink);
    }
  }
}

void CheckUnused(const SetToLint& set, DiagnosticSink& sink) {
  const auto is_named = [&set](const std::string& name) { return IsNamed(set, name); };
  CheckNames(set.calendars, "calendars", diagnostic_id::kUnusedCalendar, "calendar", is_named,
             sink);
  CheckNames(set.tables, "tables", diagnostic_id::kUnusedTable, "table", is_named, sink);
  const auto signs = [&set](const std::string& name) {
    return std::any_of(set.drafts.begin(), set.drafts.end(), [&name](const PolicyDraft& draft) {
      return draft.policy->delivery.signed_by == name;
    });
  };
  CheckNames(set.people, "people", diagnostic_id::kUnusedPerson, "signature of", signs, sink);
}

// Policies of one type that are asked at the same priority, by the order of their ids.
class Overlaps {
 public:
  Overlaps(const SetToLint& set, DiagnosticSink& sink) : sink_(sink) {
    for (const PolicyDraft& draft : set.drafts) {
      const Policy& policy = *draft.policy;
      if (policy.mode == Mode::kEnforce || policy.mode == Mode::kReview) {
        for (const IncidentType* type : policy.incidents) {
          groups_[{type->name, policy.priority}].push_back(
              {&draft,
               policy.eligible ? ParseCondition(policy.eligible.program->text()) : Condition()});
        }
      }
    }
  }

  void Check() {
    for (const auto& [key, members] : groups_) {
      for (std::size_t i = 1; i < members.size(); ++i) {
        CheckOne(key.first, members, i);
      }
    }
  }

 private:
  struct Member {
    const PolicyDraft* draft;
    Condition eligible;
  };

  // Hundreds of policies of one type and priority are told apart by a guard; comparing each with all others
  // would take long and find little.
  static constexpr std::size_t kComparedMax = 32;

  static bool CanMeet(const Member& a, const Member& b) {
    const Policy& x = *a.draft->policy;
    const Policy& y = *b.draft->policy;
    return x.effective_from <= y.effective_until && y.effective_from <= x.effective_until &&
           !Contradict(a.eligible, b.eligible);
  }

  void CheckOne(std::string_view type, const std::vector<Member>& members, std::size_t at) {
    const std::size_t first = at > kComparedMax ? at - kComparedMax : 0;
    for (std::size_t j = first; j < at; ++j) {
      if (CanMeet(members[at], members[j])) {
        const PolicyDraft& draft = *members[at].draft;
        Warn(*draft.file, draft.id, diagnostic_id::kOverlappingPolicies,
             "'" + draft.policy->id.text() + "' and '" + members[j].draft->policy->id.text() +
                 "' both cover '" + std::string(type) + "' with priority " +
                 std::to_string(draft.policy->priority),
             "only the order of their ids says which is asked first; give one of them a higher "
             "priority",
             sink_);
        return;
      }
    }
  }

  DiagnosticSink& sink_;
  std::map<std::pair<std::string_view, std::int64_t>, std::vector<Member>> groups_;
};

}  // namespace

void Lint(const SetToLint& set, DiagnosticSink& sink) {
  for (const PolicyDraft& draft : set.drafts) {
    LintPolicy(draft, sink);
  }
  CheckVariables(set, sink);
  CheckUnused(set, sink);
  if (set.choose == Choose::kFirst) {  // else the amount says which one answers
    Overlaps(set, sink).Check();
  }
}

}  // namespace kulanz::policy
