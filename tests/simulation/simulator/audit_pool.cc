// I1 and I4, of codes of a pool: each is told with one voucher and stays with it, none is lost, and nobody is
// told that the pool is empty while a code is there for the taking.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

struct Span {
  Deadline asked = Deadline::max();     // first
  Deadline answered = Deadline::max();  // first; never: max
};

void Widen(Span& span, const std::vector<Attempt>& attempts) {
  for (const Attempt& attempt : attempts) {
    span.asked = std::min(span.asked, attempt.asked);
  }
}

// When a revision was reported, whoever did, and when its decision was known first.
Span SpanOf(const Evidence& evidence, CaseKey key) {
  Span span;
  for (const ReportLog& log : evidence.journal.reports) {
    if (CaseKey(log.facts.incident, log.facts.revision) != key) {
      continue;
    }
    Widen(span, log.attempts);
    for (const SeenDecision& seen : log.seen) {
      span.answered = std::min(span.answered, seen.answered);
    }
  }
  return span;
}

// Codes that somebody was told to have been imported, and since when; the others have been asked for only.
std::map<std::string, Deadline> ImportedIn(const Journal& journal) {
  std::map<std::string, Deadline> imported;
  for (const ImportLog& log : journal.imports) {
    Deadline known = Deadline::max();
    for (const ImportLog::Success& success : log.successes) {
      known = std::min(known, log.attempts[success.attempt].answered);
    }
    for (std::size_t i = 0; i < log.count; ++i) {
      const auto [its, added] = imported.emplace(PoolCodeName(log.first + i), known);
      its->second = std::min(its->second, known);
    }
  }
  return imported;
}

// When the request that took a code was first asked, by it: the report, or the reissue of the one before.
std::map<std::string, Deadline> GivenIn(const Evidence& evidence) {
  std::map<std::string, Deadline> given;
  for (const auto& [code, chain] : evidence.chains) {
    if (!IsPoolCode(code) || code != chain.codes.front()) {
      continue;
    }
    for (std::size_t i = 0; i < chain.codes.size(); ++i) {
      Span span;
      if (i + 1 == chain.codes.size()) {
        span = SpanOf(evidence, chain.key);
      }
      for (const ChangeLog* log : chain.changes) {
        if (i + 1 < chain.codes.size() && log->change == Change::kReissue &&
            log->code == chain.codes[i + 1]) {
          Widen(span, log->attempts);
        }
      }
      given[chain.codes[i]] = span.asked;
    }
  }
  return given;
}

Finding CheckCodes(const Evidence& evidence, const std::map<std::string, Deadline>& imported) {
  std::map<std::string, std::string> code_of;
  for (const auto& [code, vouchers] : evidence.journal.pool_vouchers) {
    const bool of_probe = code == PoolCodeName(kPoolCodesMax);
    if (!of_probe && !imported.contains(code)) {
      return Broken("I1", code, code + " was given, and nobody has imported it");
    }
    if (vouchers.size() != 1) {
      return Broken("I1", code, code + " was given with two vouchers");
    }
    const auto [its, added] = code_of.emplace(*vouchers.begin(), code);
    if (!added) {
      return Broken("I1", code, "the voucher with " + code + " was told with " + its->second);
    }
  }
  return std::nullopt;
}

// With or without a code, as the policy wants it.
Finding CheckOutcomes(const Evidence& evidence) {
  for (const auto& [key, seen] : evidence.journal.decisions) {
    if (!seen) {
      continue;
    }
    const Decision& decision = seen->decision;
    const Fault fault = ToFacts(decision.incident).fault;
    const bool empty = decision.reason == reason::kPoolEmpty;
    const bool granted = decision.outcome == Outcome::kGranted;
    const bool is_right = !empty ||
                          (fault == Fault::kSpoiledFood && decision.outcome == Outcome::kDenied) ||
                          (fault == Fault::kLostParcel && decision.outcome == Outcome::kReview) ||
                          (fault == Fault::kBrokenGift && granted);
    if (!is_right || (granted && IsPoolCode(seen->code) != (IsOfPool(fault) && !empty))) {
      return Broken("I1", IncidentName(key.first),
                    IncidentName(key.first) + " was not decided as its policy says of the pool");
    }
  }
  return std::nullopt;
}

// Who was told that the pool is empty was told so when all codes that were surely in it had been taken by
// others, whose requests had begun by then.
Finding CheckEmptiness(const Span& span, const std::string& subject,
                       const std::map<std::string, Deadline>& imported,
                       const std::map<std::string, Deadline>& given) {
  for (const auto& [code, since] : imported) {
    const auto taken = given.find(code);
    if (since < span.asked && (taken == given.end() || taken->second > span.answered)) {
      return Broken("I4", subject,
                    subject + " was told that the pool is empty, and " + code + " was in it");
    }
  }
  return std::nullopt;
}

Finding CheckAllEmptiness(const Evidence& evidence, const std::map<std::string, Deadline>& imported,
                          const std::map<std::string, Deadline>& given) {
  for (const auto& [key, seen] : evidence.journal.decisions) {
    if (seen && seen->decision.reason == reason::kPoolEmpty) {
      if (Finding finding =
              CheckEmptiness(SpanOf(evidence, key), IncidentName(key.first), imported, given)) {
        return finding;
      }
    }
  }
  for (const ChangeLog& log : evidence.journal.changes) {
    for (const Attempt& attempt : log.attempts) {
      if (!attempt.connection_lost && attempt.status.reason() == "POOL_EMPTY") {
        if (Finding finding =
                CheckEmptiness({attempt.asked, attempt.answered}, log.code, imported, given)) {
          return finding;
        }
      }
    }
  }
  return std::nullopt;
}

// What is left and what was given is what was imported, and all that is left can be had.
Finding CheckSum(const Evidence& evidence, const std::map<std::string, Deadline>& imported,
                 const std::map<std::string, Deadline>& given) {
  const Journal& journal = evidence.journal;
  if (!journal.pool_remaining) {
    return std::nullopt;  // nobody got so far
  }
  if (*journal.pool_remaining + given.size() != imported.size()) {
    return Broken("I4", "",
                  "of " + std::to_string(imported.size()) + " codes " +
                      std::to_string(given.size()) + " were given, and " +
                      std::to_string(*journal.pool_remaining) + " are left");
  }
  std::uint64_t had = 0;
  for (const ReportLog& probe : journal.pool_probes) {
    if (probe.seen.empty()) {
      return std::nullopt;  // too old by now, as the clock has jumped
    }
    const SeenDecision& seen = probe.seen.back();
    had += IsPoolCode(seen.code) ? 1U : 0U;
    if (!IsPoolCode(seen.code) && seen.decision.reason != reason::kPoolEmpty) {
      return Broken("I4", IncidentName(probe.facts.incident),
                    "the pool was asked for a code, and answered " + seen.decision.reason);
    }
  }
  if (had != *journal.pool_remaining) {
    return Broken("I4", "",
                  "of " + std::to_string(*journal.pool_remaining) + " codes that are left " +
                      std::to_string(had) + " could be had");
  }
  return std::nullopt;
}

// A pool that was found empty is not empty any more once a code was put into it, for exactly one.
Finding CheckRefill(const Evidence& evidence) {
  const auto& probes = evidence.journal.refill_probes;
  if (probes.size() < 2 || probes[0].seen.empty() || probes[1].seen.empty()) {
    return std::nullopt;
  }
  if (probes[0].seen.back().code != PoolCodeName(kPoolCodesMax) ||
      probes[1].seen.back().decision.reason != reason::kPoolEmpty) {
    return Broken("I4", "", "a code was put into the empty pool, and it is not given once");
  }
  return std::nullopt;
}

}  // namespace

Finding AuditPool(const Evidence& evidence) {
  const auto imported = ImportedIn(evidence.journal);
  const auto given = GivenIn(evidence);
  if (Finding finding = CheckCodes(evidence, imported)) {
    return finding;
  }
  if (Finding finding = CheckOutcomes(evidence)) {
    return finding;
  }
  if (Finding finding = CheckAllEmptiness(evidence, imported, given)) {
    return finding;
  }
  if (Finding finding = CheckSum(evidence, imported, given)) {
    return finding;
  }
  return CheckRefill(evidence);
}

}  // namespace kulanz::simulation
