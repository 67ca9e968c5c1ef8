// I10 and I11: every call is answered in time, every failure is one that is documented, those that
// promise no effect had none, and while the store is away nothing is given away.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

struct Refusal {
  Code code;
  std::string_view reason;
};

constexpr std::array kOfEverything = {
    Refusal{Code::kUnavailable, "STORE_UNREACHABLE"},
    Refusal{Code::kUnavailable, "STORE_UNCERTAIN"},
    Refusal{Code::kUnavailable, "CONTENTION"},
};
constexpr std::array kOfReports = {
    Refusal{Code::kUnavailable, "BUDGET_UNSETTLED"},
    Refusal{Code::kUnavailable, "REQUEST_DELAYED"},
    Refusal{Code::kAlreadyExists, "INCIDENT_CONFLICT"},
    Refusal{Code::kFailedPrecondition, "UNKNOWN_CUSTOMER"},
    Refusal{Code::kFailedPrecondition, "INCIDENT_TOO_OLD"},
    Refusal{Code::kFailedPrecondition, "INCIDENT_WITHDRAWN"},
};
constexpr std::array kOfWithdrawals = {Refusal{Code::kNotFound, "DECISION_NOT_FOUND"}};
constexpr std::array kOfRedemptions = {
    Refusal{Code::kNotFound, "VOUCHER_NOT_REDEEMABLE"},
    Refusal{Code::kFailedPrecondition, "VOUCHER_EXPIRED"},
    Refusal{Code::kFailedPrecondition, "VOUCHER_REDEEMED"},
    Refusal{Code::kFailedPrecondition, "VOUCHER_REVOKED"},
    Refusal{Code::kFailedPrecondition, "ORDER_BELOW_MINIMUM"},
    Refusal{Code::kAlreadyExists, "REDEMPTION_CONFLICT"},
    Refusal{Code::kFailedPrecondition, "VOUCHER_HELD"},
    Refusal{Code::kFailedPrecondition, "VOUCHER_REISSUED"},
    Refusal{Code::kFailedPrecondition, "BALANCE_INSUFFICIENT"},
    Refusal{Code::kFailedPrecondition, "REDEMPTION_REVERSED"},
    Refusal{Code::kFailedPrecondition, "RESERVATION_RELEASED"},
    Refusal{Code::kFailedPrecondition, "RESERVATION_USED"},
    Refusal{Code::kNotFound, "RESERVATION_NOT_FOUND"},
    Refusal{Code::kFailedPrecondition, "POOL_EMPTY"},
};
constexpr std::array<Refusal, 0> kOfImports = {};

template <typename Refusals>
Finding CheckAttempts(const Evidence& evidence, const std::vector<Attempt>& attempts,
                      const Refusals& refusals, const std::string& subject) {
  for (const Attempt& attempt : attempts) {
    if (attempt.connection_lost) {
      continue;
    }
    const auto is_it = [&attempt](const Refusal& refusal) {
      return refusal.code == attempt.status.code() && refusal.reason == attempt.status.reason();
    };
    if (!attempt.status.ok() && std::none_of(refusals.begin(), refusals.end(), is_it) &&
        std::none_of(kOfEverything.begin(), kOfEverything.end(), is_it)) {
      return Broken("I11", subject, "nobody documented " + attempt.status.ToString());
    }
    for (const Journal::Away& away : evidence.journal.store_away) {
      if (attempt.asked > away.from && attempt.answered < away.until &&
          attempt.status.code() != Code::kUnavailable) {
        return Broken("I10", subject,
                      "answered while the store was away: " + attempt.status.ToString());
      }
    }
  }
  return std::nullopt;
}

Finding CheckKnownErrors(const Evidence& evidence) {
  for (const auto* reports :
       {&evidence.journal.reports, &evidence.journal.repeated, &evidence.journal.probes,
        &evidence.journal.pool_probes, &evidence.journal.refill_probes}) {
    for (const ReportLog& log : *reports) {
      const std::string subject = IncidentName(log.facts.incident);
      if (Finding finding = CheckAttempts(evidence, log.attempts, kOfReports, subject)) {
        return finding;
      }
    }
  }
  for (const ImportLog& log : evidence.journal.imports) {
    const std::string subject = PoolCodeName(log.first);
    if (Finding finding = CheckAttempts(evidence, log.attempts, kOfImports, subject)) {
      return finding;
    }
  }
  for (const WithdrawalLog& log : evidence.journal.withdrawals) {
    const std::string subject = IncidentName(log.incident);
    if (Finding finding = CheckAttempts(evidence, log.attempts, kOfWithdrawals, subject)) {
      return finding;
    }
  }
  for (const RedemptionLog& log : evidence.journal.redemptions) {
    if (Finding finding = CheckAttempts(evidence, log.attempts, kOfRedemptions, log.code)) {
      return finding;
    }
  }
  for (const ChangeLog& log : evidence.journal.changes) {
    if (Finding finding = CheckAttempts(evidence, log.attempts, kOfRedemptions, log.code)) {
      return finding;
    }
  }
  return std::nullopt;
}

bool AllHadNoEffect(const std::vector<Attempt>& attempts) {
  return std::all_of(attempts.begin(), attempts.end(),
                     [](const Attempt& attempt) { return attempt.HadNoEffect(); });
}

// A report whose every attempt, by any client, promised no effect is not on record.
Finding CheckNoEffect(const Evidence& evidence) {
  for (const ReportLog& log : evidence.journal.reports) {
    const bool none =
        std::all_of(evidence.journal.reports.begin(), evidence.journal.reports.end(),
                    [&log](const ReportLog& other) {
                      return !(other.facts == log.facts) || AllHadNoEffect(other.attempts);
                    });
    const SeenDecision* known = evidence.FinalOf({log.facts.incident, log.facts.revision});
    if (none && known != nullptr && known->decision.incident == ToIncident(log.facts)) {
      return Broken("I11", IncidentName(log.facts.incident),
                    NameOf(log.facts) + " was refused without effect, and is on record");
    }
  }
  for (const RedemptionLog& log : evidence.journal.redemptions) {
    const bool none =
        std::all_of(evidence.journal.redemptions.begin(), evidence.journal.redemptions.end(),
                    [&log](const RedemptionLog& other) {
                      return other.id != log.id || AllHadNoEffect(other.attempts);
                    });
    const Chain* chain = evidence.ChainOf(log.code);
    if (!none || chain == nullptr) {
      continue;
    }
    for (const Redemption& redemption : chain->current->redemptions) {
      if (redemption.id.text() == log.id && !redemption.amount.is_zero()) {
        return Broken("I11", log.code, log.id + " was refused without effect, and is on record");
      }
    }
  }
  return std::nullopt;
}

// Nor is a change that promised so.
Finding CheckNoEffectOfChanges(const Evidence& evidence) {
  for (const ChangeLog& log : evidence.journal.changes) {
    const bool none = std::all_of(evidence.journal.changes.begin(), evidence.journal.changes.end(),
                                  [&log](const ChangeLog& other) {
                                    return other.change != log.change || other.id != log.id ||
                                           AllHadNoEffect(other.attempts);
                                  });
    const Chain* chain = evidence.ChainOf(log.code);
    if (!none || chain == nullptr) {
      continue;
    }
    const VoucherLife& life = chain->current->life;
    const Redemption* redemption = FindRedemption(life, RedemptionId(log.id));
    const VoucherLife& own = evidence.journal.vouchers.at(log.code).life;
    const bool on_record =
        (log.change == Change::kReserve && FindReservation(life, ReservationId(log.id))) ||
        (log.change == Change::kReverse && redemption != nullptr && redemption->reversed_at) ||
        (log.change == Change::kRevoke && own.revocation && own.revocation->id.text() == log.id) ||
        (log.change == Change::kReissue && own.reissue && own.reissue->id.text() == log.id);
    if (on_record) {
      return Broken("I11", log.code,
                    std::string(ChangeName(log.change)) + " " + log.id +
                        " was refused without effect, and is on record");
    }
  }
  return std::nullopt;
}

bool Contradict(const Facts& a, const Facts& b) {
  return a.incident == b.incident && (!SameIdentity(a, b) || (a.revision == b.revision && a != b));
}

// Refusals of reports are for the reason that they name.
Finding CheckReasons(const Evidence& evidence) {
  const auto& reports = evidence.journal.reports;
  for (const ReportLog& log : reports) {
    for (const Attempt& attempt : log.attempts) {
      const std::string_view reason = attempt.status.reason();
      const bool conflicts = std::any_of(
          reports.begin(), reports.end(),
          [&log](const ReportLog& other) { return Contradict(other.facts, log.facts); });
      const bool too_old = OccurredAt(log.facts) <
                           evidence.StoreTimeAt(attempt.answered) - app::IntakeWindow{}.max_age;
      const bool right =
          (reason != "INCIDENT_CONFLICT" || conflicts) &&
          (reason != "INCIDENT_TOO_OLD" || too_old) &&
          (reason != "INCIDENT_WITHDRAWN" || evidence.WasWithdrawalAsked(log.facts.incident));
      if (!right) {
        return Broken(
            "I11", IncidentName(log.facts.incident),
            NameOf(log.facts) + " was refused for no reason: " + attempt.status.ToString());
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditErrors(const Evidence& evidence) {
  if (Finding finding = CheckKnownErrors(evidence)) {
    return finding;
  }
  if (!evidence.journal.unanswered.empty()) {
    return Broken("I10", "", evidence.journal.unanswered);
  }
  if (Finding finding = CheckNoEffect(evidence)) {
    return finding;
  }
  if (Finding finding = CheckNoEffectOfChanges(evidence)) {
    return finding;
  }
  return CheckReasons(evidence);
}

}  // namespace kulanz::simulation
