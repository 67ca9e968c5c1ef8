// I5 and I11: whoever is refused a use or a change of a voucher is refused for the reason that is named.
#include <algorithm>
#include <string>
#include <string_view>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

// What was asked, be it a redemption or a change.
struct Asked {
  const std::string& code;
  const std::string& id;
  const std::string& order;
  const std::string& customer;
  std::int64_t order_total;  // -1: there is none
  std::int64_t amount;
  const std::string* reservation;  // that it is about, if any
  bool redeems;
};

class Reasons {
 public:
  Reasons(const Evidence& evidence, const Chain& chain, const Asked& asked, const Attempt& attempt)
      : evidence_(evidence), chain_(chain), asked_(asked), attempt_(attempt) {}

  bool Explain(std::string_view reason) const {
    const VoucherTerms& terms = chain_.current->terms;
    if (reason == "VOUCHER_NOT_REDEEMABLE") {
      return !terms.transferable && chain_.current->customer.text() != asked_.customer;
    }
    if (reason == "ORDER_BELOW_MINIMUM") {
      return terms.minimum_order && asked_.order_total >= 0 &&
             asked_.order_total < terms.minimum_order->minor_units();
    }
    if (reason == "VOUCHER_EXPIRED") {
      return IsOver();
    }
    if (reason == "VOUCHER_REVOKED") {
      return chain_.WasAsked(Change::kRevoke) || evidence_.WasWithdrawalAsked(chain_.key.first);
    }
    if (reason == "VOUCHER_REISSUED") {
      return std::any_of(chain_.changes.begin(), chain_.changes.end(),
                         [this](const ChangeLog* log) {
                           return log->change == Change::kReissue && log->code == asked_.code;
                         });
    }
    return ExplainByUses(reason);
  }

 private:
  bool ExplainByUses(std::string_view reason) const {
    if (reason == "VOUCHER_REDEEMED") {
      return IsOtherUse();
    }
    if (reason == "BALANCE_INSUFFICIENT") {
      return IsOtherUse() || IsOver() || asked_.amount > chain_.current->terms.amount.minor_units();
    }
    if (reason == "VOUCHER_HELD") {
      return AnyChange(Change::kReserve,
                       [this](const ChangeLog& log) { return log.order != asked_.order; });
    }
    if (reason == "REDEMPTION_CONFLICT") {
      return std::any_of(chain_.redemptions.begin(), chain_.redemptions.end(),
                         [this](const RedemptionLog* log) {
                           return log->id == asked_.id && log->order != asked_.order;
                         }) ||
             AnyChange(Change::kReverse, [this](const ChangeLog& log) {
               return log.id == asked_.id && log.order != asked_.order;
             });
    }
    if (reason == "REDEMPTION_REVERSED") {
      return chain_.WasAsked(Change::kReverse, asked_.id);
    }
    if (reason == "RESERVATION_RELEASED") {
      return asked_.reservation != nullptr &&
             chain_.WasAsked(Change::kRelease, *asked_.reservation);
    }
    if (reason == "RESERVATION_USED") {
      return asked_.reservation != nullptr && WasPaidFrom(*asked_.reservation);
    }
    if (reason == "RESERVATION_NOT_FOUND") {
      return asked_.reservation != nullptr && !WasKnown(*asked_.reservation);
    }
    return true;  // AuditErrors knows which there may be
  }

  // After the last instant that anybody was told of before.
  bool IsOver() const {
    Instant until = chain_.current->terms.valid_until;
    for (const ChangeLog* log : chain_.changes) {
      for (const ChangeLog::Success& success : log->successes) {
        if (log->attempts[success.attempt].answered < attempt_.asked) {
          until = std::max(until, success.usable_until);
        }
      }
    }
    return evidence_.StoreTimeAt(attempt_.answered) + evidence_.SetBack() > until;
  }
  bool IsOtherUse() const {
    return std::any_of(
        chain_.redemptions.begin(), chain_.redemptions.end(),
        [this](const RedemptionLog* log) { return !asked_.redeems || log->id != asked_.id; });
  }
  template <typename Matches>
  bool AnyChange(Change change, Matches matches) const {
    return std::any_of(chain_.changes.begin(), chain_.changes.end(), [&](const ChangeLog* log) {
      return log->change == change && matches(*log);
    });
  }
  // An order takes what is held for it, whether it names the reservation or not.
  bool WasPaidFrom(const std::string& reservation) const {
    return AnyChange(Change::kReserve, [&](const ChangeLog& hold) {
      return hold.id == reservation &&
             std::any_of(chain_.redemptions.begin(), chain_.redemptions.end(),
                         [&hold](const RedemptionLog* log) { return log->order == hold.order; });
    });
  }
  bool WasKnown(const std::string& reservation) const {
    return AnyChange(Change::kReserve, [&](const ChangeLog& hold) {
      return hold.id == reservation && hold.FirstAcknowledged() != nullptr &&
             hold.FirstAcknowledged()->answered < attempt_.asked;
    });
  }

  const Evidence& evidence_;
  const Chain& chain_;
  const Asked& asked_;
  const Attempt& attempt_;
};

Finding Check(const Evidence& evidence, const Chain& chain, const Asked& asked,
              const std::vector<Attempt>& attempts) {
  for (const Attempt& attempt : attempts) {
    if (!attempt.IsUnknown() && !attempt.status.ok() &&
        !Reasons(evidence, chain, asked, attempt).Explain(attempt.status.reason())) {
      return Broken("I5", asked.code,
                    asked.id + " was refused for no reason: " + attempt.status.ToString());
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditRefusals(const Evidence& evidence) {
  for (const RedemptionLog& log : evidence.journal.redemptions) {
    const Chain* chain = evidence.ChainOf(log.code);
    if (chain == nullptr) {
      continue;  // AuditVouchers says so
    }
    const Asked asked{log.code,        log.id,     log.order,        log.customer,
                      log.order_total, log.amount, &log.reservation, true};
    if (Finding finding = Check(evidence, *chain, asked, log.attempts)) {
      return finding;
    }
  }
  for (const ChangeLog& log : evidence.journal.changes) {
    const Chain* chain = evidence.ChainOf(log.code);
    if (chain == nullptr) {
      continue;
    }
    const bool of_hold = log.change == Change::kReserve || log.change == Change::kRelease;
    const Asked asked{
        log.code, log.id, log.order, log.customer, -1, log.amount, of_hold ? &log.id : nullptr,
        false};
    if (Finding finding = Check(evidence, *chain, asked, log.attempts)) {
      return finding;
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
