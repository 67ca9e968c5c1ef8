#include "tests/simulation/simulator/auditor.h"

#include <algorithm>

namespace kulanz::simulation {

Instant Evidence::StoreTimeAt(Deadline at) const {
  const auto wall = [](Deadline when) {
    return *ParseInstant("2026-03-01T12:00:00Z") +
           std::chrono::duration_cast<Duration>(when.time_since_epoch());
  };
  Duration offset{0};
  Instant latest{};
  for (const auto& [when, by] : journal.clock_jumps) {
    if (when > at) {
      break;
    }
    latest = std::max(latest, wall(when) + offset);
    offset += by;
  }
  return std::max(latest, wall(at) + offset);
}

Duration Evidence::SetBack() const {
  Duration sum{0};
  for (const auto& [when, by] : journal.clock_jumps) {
    sum += std::max(-by, Duration{0});
  }
  return sum;
}

const SeenDecision* Evidence::FinalOf(CaseKey key) const {
  const auto found = journal.decisions.find(key);
  return found != journal.decisions.end() && found->second ? &*found->second : nullptr;
}

bool Evidence::WasWithdrawalAsked(std::size_t incident) const {
  return std::any_of(journal.withdrawals.begin(), journal.withdrawals.end(),
                     [incident](const WithdrawalLog& log) { return log.incident == incident; });
}

const Chain* Evidence::ChainOf(const std::string& code) const {
  const auto found = chains.find(code);
  return found == chains.end() ? nullptr : &found->second;
}

bool Evidence::AreOne(const std::string& code, const std::string& other) const {
  const Chain* chain = ChainOf(code);
  return code == other || (chain != nullptr && std::find(chain->codes.begin(), chain->codes.end(),
                                                         other) != chain->codes.end());
}

bool Chain::WasAsked(Change change) const {
  return std::any_of(changes.begin(), changes.end(),
                     [change](const ChangeLog* log) { return log->change == change; });
}

bool Chain::WasAsked(Change change, const std::string& id) const {
  return std::any_of(changes.begin(), changes.end(), [change, &id](const ChangeLog* log) {
    return log->change == change && log->id == id;
  });
}

namespace {

// From the voucher that a decision names back to its first, by the ids in the answers.
std::map<std::string, Chain> ChainsIn(const Journal& journal) {
  std::map<std::string, std::string> code_of;  // by voucher id
  for (const auto& [code, voucher] : journal.vouchers) {
    code_of.emplace(voucher.id, code);
  }
  std::map<std::string, Chain> chains;
  for (const auto& [key, seen] : journal.decisions) {
    const auto current = seen ? journal.vouchers.find(seen->code) : journal.vouchers.end();
    if (current == journal.vouchers.end()) {
      continue;
    }
    Chain chain{key, {seen->code}, &current->second, {}, {}};
    std::string before = current->second.reissued_from;
    while (code_of.contains(before) && chain.codes.size() <= app::kReissuesMax) {
      chain.codes.push_back(code_of[before]);
      before = journal.vouchers.at(chain.codes.back()).reissued_from;
    }
    const auto is_its = [&chain](const auto& log) {
      return std::find(chain.codes.begin(), chain.codes.end(), log.code) != chain.codes.end();
    };
    for (const RedemptionLog& log : journal.redemptions) {
      if (is_its(log)) {
        chain.redemptions.push_back(&log);
      }
    }
    for (const ChangeLog& log : journal.changes) {
      if (is_its(log)) {
        chain.changes.push_back(&log);
      }
    }
    for (const std::string& code : chain.codes) {
      chains.insert_or_assign(code, chain);
    }
  }
  return chains;
}

}  // namespace

Finding Audit(const Journal& journal, const PostOffice& office, const Plan& plan,
              const ServerSettings& settings) {
  const Evidence evidence{journal, office, plan, settings, ChainsIn(journal)};
  for (const auto audit :
       {AuditErrors, AuditIncidents, AuditLimits, AuditBudget, AuditPool, AuditVouchers,
        AuditRefusals, AuditChanges, AuditLiability, AuditLetters}) {
    if (Finding finding = audit(evidence)) {
      return finding;
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
