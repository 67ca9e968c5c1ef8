// I1, I2 and I7: one answer per incident and revision, the same for everybody and for ever; what was
// acknowledged is still there; an id stands for one content.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

// The answer makes sense by itself and for what was reported.
Finding CheckAnswer(const Facts& facts, const SeenDecision& seen) {
  const Decision& decision = seen.decision;
  const std::string subject = IncidentName(facts.incident);
  if (decision.incident != ToIncident(facts)) {
    return Broken("I7", subject, NameOf(facts) + " was answered with another report's decision");
  }
  if ((decision.outcome == Outcome::kGranted) != !seen.code.empty()) {
    return Broken("I1", subject,
                  NameOf(facts) + " was granted without a code, or refused with one");
  }
  const std::int64_t before = decision.given_before ? decision.given_before->minor_units() : 0;
  if (decision.voucher && seen.amount() != WorthOf(facts) - before) {
    return Broken("I1", subject, NameOf(facts) + " was given another amount than it is worth");
  }
  return std::nullopt;
}

// All answers on a revision, those at the end included, are one.
Finding CheckSame(const Evidence& evidence, const Facts& facts,
                  const std::vector<const SeenDecision*>& all) {
  const std::string subject = IncidentName(facts.incident);
  std::size_t firsts = 0;
  for (const SeenDecision* seen : all) {
    firsts += seen->replayed ? 0U : 1U;
    if (seen->decision != all.front()->decision ||
        !evidence.AreOne(seen->code, all.front()->code)) {
      return Broken("I1", subject, NameOf(facts) + " got two different answers");
    }
  }
  if (firsts > 1) {
    return Broken("I1", subject, NameOf(facts) + " was decided twice");
  }
  return std::nullopt;
}

Finding CheckFinal(const Evidence& evidence, const ReportLog& log) {
  const SeenDecision* known = evidence.FinalOf({log.facts.incident, log.facts.revision});
  if (log.seen.empty()) {
    return std::nullopt;
  }
  if (known == nullptr) {
    return Broken("I2", IncidentName(log.facts.incident),
                  "the decision on " + NameOf(log.facts) + " was acknowledged and is gone");
  }
  return CheckAnswer(log.facts, *known);
}

using Answers = std::map<CaseKey, std::vector<const SeenDecision*>>;

Finding CheckReports(const Evidence& evidence, Answers& answers) {
  std::map<CaseKey, Facts> facts_of;
  for (const auto* logs : {&evidence.journal.reports, &evidence.journal.repeated}) {
    for (const ReportLog& log : *logs) {
      for (const SeenDecision& seen : log.seen) {
        if (Finding finding = CheckAnswer(log.facts, seen)) {
          return finding;
        }
        const CaseKey key{log.facts.incident, log.facts.revision};
        answers[key].push_back(&seen);
        facts_of[key] = log.facts;
      }
      if (Finding finding = CheckFinal(evidence, log)) {
        return finding;
      }
    }
  }
  for (auto& [key, all] : answers) {
    if (Finding finding = CheckSame(evidence, facts_of[key], all)) {
      return finding;
    }
    const SeenDecision* known = evidence.FinalOf(key);
    if (known->decision != all.front()->decision ||
        !evidence.AreOne(known->code, all.front()->code)) {
      return Broken("I2", IncidentName(key.first),
                    NameOf(facts_of[key]) + " is remembered otherwise than it was answered");
    }
  }
  return std::nullopt;
}

Finding CheckRepeated(const Evidence& evidence) {
  for (const ReportLog& log : evidence.journal.repeated) {
    const bool too_old =
        !log.attempts.empty() && log.attempts.back().status.reason() == "INCIDENT_TOO_OLD" &&
        OccurredAt(log.facts) <
            evidence.StoreTimeAt(log.attempts.back().answered) - app::IntakeWindow{}.max_age;
    if (!too_old && (log.seen.empty() || !log.seen.back().replayed)) {
      return Broken("I1", IncidentName(log.facts.incident),
                    "repeating " + NameOf(log.facts) + " was no repetition");
    }
  }
  return std::nullopt;
}

// Over all incidents: codes are different, revisions agree on what the incident is and add up to the most
// that one of them is worth.
Finding CheckCases(const Evidence& evidence) {
  struct Case {
    const Incident* incident = nullptr;
    std::int64_t given = 0;
    std::int64_t most = 0;
    std::int64_t nothing_to_add = 0;
  };
  std::map<std::size_t, Case> cases;
  std::set<std::string> codes;
  for (const auto& [key, seen] : evidence.journal.decisions) {
    if (!seen) {
      continue;
    }
    const Incident& incident = seen->decision.incident;
    const std::string subject = IncidentName(key.first);
    Case& its = cases[key.first];
    its.incident = its.incident == nullptr ? &incident : its.incident;
    if (incident.customer != its.incident->customer || incident.order != its.incident->order ||
        incident.occurred_at != its.incident->occurred_at || incident.type != its.incident->type) {
      return Broken("I7", subject, subject + " is two incidents");
    }
    if (!seen->code.empty() && !codes.insert(seen->code).second) {
      return Broken("I1", subject, "two vouchers have the code " + seen->code);
    }
    const Facts facts = ToFacts(incident);
    its.given += seen->amount();
    its.most = std::max(its.most, seen->decision.voucher ? WorthOf(facts) : 0);
    if (seen->decision.reason == reason::kNothingToAdd && facts.fault != Fault::kRudeAnswer) {
      its.nothing_to_add = std::max(its.nothing_to_add, WorthOf(facts));
    }
  }
  for (const auto& [number, its] : cases) {
    if (its.given != its.most || its.nothing_to_add > its.given) {
      return Broken("I1", IncidentName(number),
                    IncidentName(number) + " was given " + std::to_string(its.given) +
                        " in all, not the most of its revisions, " + std::to_string(its.most));
    }
  }
  return std::nullopt;
}

// A customer's list has every decision once.
Finding CheckLists(const Evidence& evidence) {
  for (const auto& [customer, listed] : evidence.journal.listed) {
    std::vector<std::string> expected;
    for (const auto& [key, seen] : evidence.journal.decisions) {
      if (seen && seen->decision.incident.customer.text() == CustomerName(customer)) {
        expected.push_back(IncidentName(key.first) + "/" + std::to_string(key.second));
      }
    }
    std::vector<std::string> sorted = listed;
    std::sort(sorted.begin(), sorted.end());
    std::sort(expected.begin(), expected.end());
    if (sorted != expected) {
      return Broken("I2", CustomerName(customer),
                    "the list of " + CustomerName(customer) + " has " +
                        std::to_string(sorted.size()) + " decisions, not those that were made, " +
                        std::to_string(expected.size()));
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditIncidents(const Evidence& evidence) {
  Answers answers;
  if (Finding finding = CheckReports(evidence, answers)) {
    return finding;
  }
  for (const auto check : {CheckRepeated, CheckCases, CheckLists}) {
    if (Finding finding = check(evidence)) {
      return finding;
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
