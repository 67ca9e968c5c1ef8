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

struct Case {
  const std::string& code;
  const Voucher& voucher;
  std::size_t incident = 0;
  std::vector<const RedemptionLog*> logs;
};

Finding CheckSuccesses(const Evidence& evidence, const Case& its) {
  std::set<std::string> redeemed;
  std::int64_t taken = 0;
  const Voucher& voucher = its.voucher;
  for (const RedemptionLog* log : its.logs) {
    for (const RedemptionLog::Success& success : log->successes) {
      const Attempt& attempt = log->attempts[success.attempt];
      taken += redeemed.insert(log->id).second ? success.amount : 0;
      const auto recorded = std::find_if(
          voucher.redemptions.begin(), voucher.redemptions.end(),
          [log](const Redemption& redemption) { return redemption.id.text() == log->id; });
      if (recorded == voucher.redemptions.end() ||
          recorded->amount.minor_units() != success.amount ||
          recorded->order.text() != log->order) {
        return Broken("I5", its.code, log->id + " was acknowledged and is not on record so");
      }
      const bool may = voucher.terms.transferable || voucher.customer.text() == log->customer;
      const bool enough = !voucher.terms.minimum_order ||
                          log->order_total >= voucher.terms.minimum_order->minor_units();
      if (!may || !enough) {
        return Broken("I5", its.code, log->id + " was accepted against the voucher's terms");
      }
      const bool expired =
          evidence.StoreTimeAt(attempt.asked - kClockIsKnownWithin) > voucher.terms.valid_until;
      if (expired && !success.replayed) {
        return Broken("I5", its.code, log->id + " was accepted after the voucher's last day");
      }
    }
  }
  if (taken > voucher.terms.amount.minor_units()) {
    return Broken("I5", its.code, "redeemed beyond its worth: " + std::to_string(taken));
  }
  return std::nullopt;
}

// One success at most was not a repetition, and whoever was told of one once is told so again.
Finding CheckRepetitions(const Evidence& evidence, const Case& its) {
  std::map<std::string, int> firsts;
  for (const RedemptionLog* log : its.logs) {
    for (const RedemptionLog::Success& success : log->successes) {
      firsts[log->id] += success.replayed ? 0 : 1;
      if (firsts[log->id] > 1) {
        return Broken("I5", its.code, log->id + " was redeemed twice");
      }
    }
  }
  for (const RedemptionLog& again : evidence.journal.redeemed_again) {
    if (again.code == its.code && (again.successes.empty() || !again.successes.back().replayed)) {
      return Broken("I5", its.code, "repeating " + again.id + " was no repetition");
    }
  }
  return std::nullopt;
}

bool IsExplained(const Evidence& evidence, const Case& its, const RedemptionLog& log,
                 const Attempt& attempt) {
  const std::string_view reason = attempt.status.reason();
  if (reason == "VOUCHER_NOT_REDEEMABLE") {
    return !its.voucher.terms.transferable && its.voucher.customer.text() != log.customer;
  }
  if (reason == "VOUCHER_REDEEMED") {
    return std::any_of(its.logs.begin(), its.logs.end(),
                       [&log](const RedemptionLog* other) { return other->id != log.id; });
  }
  if (reason == "REDEMPTION_CONFLICT") {
    return std::any_of(its.logs.begin(), its.logs.end(), [&log](const RedemptionLog* other) {
      return other->id == log.id && other->order != log.order;
    });
  }
  if (reason == "VOUCHER_REVOKED") {
    return evidence.WasWithdrawalAsked(its.incident);
  }
  if (reason == "VOUCHER_EXPIRED") {
    return evidence.StoreTimeAt(attempt.answered) > its.voucher.terms.valid_until;
  }
  if (reason == "ORDER_BELOW_MINIMUM") {
    return its.voucher.terms.minimum_order &&
           log.order_total < its.voucher.terms.minimum_order->minor_units();
  }
  return true;
}

Finding CheckRefusals(const Evidence& evidence, const Case& its) {
  for (const RedemptionLog* log : its.logs) {
    for (const Attempt& attempt : log->attempts) {
      if (!attempt.IsUnknown() && !IsExplained(evidence, its, *log, attempt)) {
        return Broken("I5", its.code,
                      log->id + " was refused for no reason: " + attempt.status.ToString());
      }
    }
  }
  return std::nullopt;
}

// The record, as the API tells it, is made of what was asked.
Finding CheckRecord(const Case& its) {
  const Voucher& voucher = its.voucher;
  std::int64_t taken = 0;
  for (const Redemption& redemption : voucher.redemptions) {
    taken += redemption.amount.minor_units();
    const bool asked =
        std::any_of(its.logs.begin(), its.logs.end(), [&redemption](const RedemptionLog* log) {
          return log->id == redemption.id.text() && log->order == redemption.order.text();
        });
    if (!asked) {
      return Broken("I5", its.code, "a redemption is on record that nobody asked for");
    }
  }
  const std::int64_t rest = voucher.terms.amount.minor_units() - taken;
  const std::int64_t remaining = voucher.remaining.minor_units();
  if (rest < 0 || remaining < 0 || remaining + voucher.life.voided_minor_units != rest ||
      (voucher.state == VoucherState::kRedeemed && rest != 0) ||
      (voucher.state == VoucherState::kIssued && remaining == 0)) {
    return Broken("I5", its.code, "what remains is not what was given less what was redeemed");
  }
  return std::nullopt;
}

Finding CheckWithdrawal(const Evidence& evidence, const Case& its) {
  bool withdrawn = false;
  for (const auto& [key, seen] : evidence.journal.decisions) {
    withdrawn = withdrawn || (key.first == its.incident && seen && seen->withdrawn);
  }
  const bool revoked = its.voucher.state == VoucherState::kRevoked;
  if (revoked && !withdrawn) {
    return Broken("I5", its.code, "revoked, but its incident was not withdrawn");
  }
  if (withdrawn && its.voucher.state == VoucherState::kIssued && its.voucher.redemptions.empty()) {
    return Broken("I5", its.code, "its incident was withdrawn, but it can still be used");
  }
  for (const WithdrawalLog& log : evidence.journal.withdrawals) {
    const bool done = log.incident == its.incident && !log.attempts.empty() &&
                      log.attempts.back().status.ok() && !log.attempts.back().connection_lost;
    if (done && !withdrawn) {
      return Broken("I5", its.code, "its incident was withdrawn, and is not any more");
    }
    for (const RedemptionLog* redemption : its.logs) {
      for (const RedemptionLog::Success& success : redemption->successes) {
        if (done && !success.replayed &&
            redemption->attempts[success.attempt].asked > log.attempts.back().answered) {
          return Broken("I5", its.code, "redeemed after its incident was withdrawn");
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditVouchers(const Evidence& evidence) {
  std::map<std::string, std::vector<const RedemptionLog*>> logs;
  for (const RedemptionLog& log : evidence.journal.redemptions) {
    logs[log.code].push_back(&log);
  }
  for (const auto& [code, voucher] : evidence.journal.vouchers) {
    const Case its{code, voucher, NumberIn(voucher.incident.text()), logs[code]};
    for (const auto check : {CheckSuccesses, CheckRepetitions, CheckRefusals, CheckWithdrawal}) {
      if (Finding finding = check(evidence, its)) {
        return finding;
      }
    }
    if (Finding finding = CheckRecord(its)) {
      return finding;
    }
  }
  for (const auto& [code, redemptions] : logs) {
    if (!evidence.journal.vouchers.contains(code)) {
      return Broken("I2", code, "a voucher that somebody has the code of is not there any more");
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
