// I5: a voucher is never redeemed beyond its worth, repeating a redemption is a success and no second
// one, refusals are for the reason that they name; and a withdrawn incident's vouchers are worth nothing.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

// A clock that jumps is read anew within this: a second, and the longest standstill.
constexpr Duration kClockIsKnownWithin{20'000};

using Success = RedemptionLog::Success;

Finding CheckSuccess(const Evidence& evidence, const Chain& its, const RedemptionLog& log,
                     const Success& success) {
  const Voucher& voucher = *its.current;
  const std::string& subject = its.codes.front();
  const Redemption* recorded = FindRedemption(voucher.life, RedemptionId(log.id));
  if (recorded == nullptr || recorded->amount.minor_units() != success.amount ||
      recorded->order.text() != log.order) {
    return Broken("I5", subject, log.id + " was acknowledged and is not on record so");
  }
  const bool may = voucher.terms.transferable || voucher.customer.text() == log.customer;
  const bool enough =
      !voucher.terms.minimum_order || log.order_total >= voucher.terms.minimum_order->minor_units();
  if (!may || !enough || (log.amount != 0 && log.amount != success.amount)) {
    return Broken("I5", subject, log.id + " was accepted against the voucher's terms");
  }
  // What was held for the order may be used later than that.
  const bool held =
      std::any_of(its.changes.begin(), its.changes.end(), [&log](const ChangeLog* change) {
        return change->change == Change::kReserve && change->order == log.order;
      });
  const Deadline asked = log.attempts[success.attempt].asked;
  const bool expired = evidence.StoreTimeAt(asked - kClockIsKnownWithin) > voucher.usable_until();
  if (expired && !held && !success.replayed) {
    return Broken("I5", subject, log.id + " was accepted after the voucher's last day");
  }
  return std::nullopt;
}

Finding CheckSuccesses(const Evidence& evidence, const Chain& its) {
  std::set<std::string> redeemed;
  std::int64_t taken = 0;
  for (const RedemptionLog* log : its.redemptions) {
    for (const Success& success : log->successes) {
      const bool kept = !its.WasAsked(Change::kReverse, log->id);
      taken += kept && redeemed.insert(log->id).second ? success.amount : 0;
      if (Finding finding = CheckSuccess(evidence, its, *log, success)) {
        return finding;
      }
    }
  }
  if (taken > its.current->terms.amount.minor_units()) {
    return Broken("I5", its.codes.front(), "redeemed beyond its worth: " + std::to_string(taken));
  }
  return std::nullopt;
}

// One success at most was not a repetition, and whoever was told of one once is told so again.
Finding CheckRepetitions(const Evidence& evidence, const Chain& its) {
  std::map<std::string, int> firsts;
  for (const RedemptionLog* log : its.redemptions) {
    for (const Success& success : log->successes) {
      firsts[log->id] += success.replayed ? 0 : 1;
      if (firsts[log->id] > 1) {
        return Broken("I5", its.codes.front(), log->id + " was redeemed twice");
      }
    }
  }
  for (const RedemptionLog& again : evidence.journal.redeemed_again) {
    if (!evidence.AreOne(its.codes.front(), again.code)) {
      continue;
    }
    const bool reversed = its.WasAsked(Change::kReverse, again.id) && again.successes.empty() &&
                          again.attempts.back().status.reason() == "REDEMPTION_REVERSED";
    if (!reversed && (again.successes.empty() || !again.successes.back().replayed)) {
      return Broken("I5", its.codes.front(), "repeating " + again.id + " was no repetition");
    }
  }
  return std::nullopt;
}

// The record, as the API tells it, is made of what was asked.
Finding CheckRecord(const Evidence&, const Chain& its) {
  const Voucher& voucher = *its.current;
  const std::string& subject = its.codes.front();
  std::int64_t taken = 0;
  for (const Redemption& redemption : voucher.redemptions) {
    taken += redemption.reversed_at ? 0 : redemption.amount.minor_units();
    const auto is_it = [&redemption](const auto* log) {
      return log->id == redemption.id.text() && log->order == redemption.order.text();
    };
    const bool asked = std::any_of(its.redemptions.begin(), its.redemptions.end(), is_it);
    const bool reversed = std::any_of(its.changes.begin(), its.changes.end(), is_it) &&
                          its.WasAsked(Change::kReverse, redemption.id.text());
    if (redemption.reversed_at ? !reversed : !asked) {
      return Broken("I5", subject, "a redemption or reversal is on record that nobody asked for");
    }
  }
  const std::int64_t rest = voucher.terms.amount.minor_units() - taken;
  const std::int64_t remaining = voucher.remaining.minor_units();
  if (rest < 0 || remaining < 0 || remaining + voucher.life.voided_minor_units != rest ||
      (voucher.state == VoucherState::kIssued) != (remaining > 0)) {
    return Broken("I5", subject, "what remains is not what was given less what was redeemed");
  }
  const auto broken = AuditVoucherLife(voucher.terms, voucher.life);
  return broken.empty() ? Finding() : Broken("I5", subject, "its life breaks: " + broken.front());
}

// Whether one use of it was acknowledged that was asked for after the withdrawal was. What had been used
// before stays as it is.
bool WasUsedAfter(const Chain& its, Deadline withdrawn) {
  if (its.current->redemptions.size() != 1 || its.current->redemptions.front().reversed_at) {
    return false;
  }
  return std::any_of(its.redemptions.begin(), its.redemptions.end(), [&](const auto* log) {
    return std::any_of(log->successes.begin(), log->successes.end(), [&](const Success& success) {
      return !success.replayed && log->attempts[success.attempt].asked > withdrawn;
    });
  });
}

Finding CheckWithdrawal(const Evidence& evidence, const Chain& its) {
  const std::size_t incident = its.key.first;
  const std::string& subject = its.codes.front();
  bool withdrawn = false;
  for (const auto& [key, seen] : evidence.journal.decisions) {
    withdrawn = withdrawn || (key.first == incident && seen && seen->withdrawn);
  }
  const Voucher& voucher = *its.current;
  if (voucher.state == VoucherState::kRevoked && !withdrawn && !its.WasAsked(Change::kRevoke)) {
    return Broken("I5", subject, "revoked, but its incident was not withdrawn");
  }
  if (withdrawn && voucher.state == VoucherState::kIssued && voucher.redemptions.empty()) {
    return Broken("I5", subject, "its incident was withdrawn, but it can still be used");
  }
  for (const WithdrawalLog& log : evidence.journal.withdrawals) {
    const bool done = log.incident == incident && !log.attempts.empty() &&
                      log.attempts.back().status.ok() && !log.attempts.back().connection_lost;
    if (done && !withdrawn) {
      return Broken("I5", subject, "its incident was withdrawn, and is not any more");
    }
    if (done && WasUsedAfter(its, log.attempts.back().answered)) {
      return Broken("I5", subject, "redeemed after its incident was withdrawn");
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditVouchers(const Evidence& evidence) {
  for (const auto& [code, chain] : evidence.chains) {
    if (code != chain.codes.front()) {
      continue;
    }
    for (const auto check : {CheckSuccesses, CheckRepetitions, CheckWithdrawal, CheckRecord}) {
      if (Finding finding = check(evidence, chain)) {
        return finding;
      }
    }
  }
  for (const std::string& code : evidence.journal.codes) {
    if (evidence.ChainOf(code) == nullptr) {
      return Broken("I2", code, "a voucher that somebody has the code of is not there any more");
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
