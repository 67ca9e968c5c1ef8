// Auditor: whether the promises were kept, told from requests and answers alone.
//
//   Auditor auditor({.amount = 500, .vouchers_per_customer = 2, .budget_cap = 35'000});
//   auditor.Decided({"I-1", "C-1", "budget", "facts"}, {true, "GRANTED", code, 500});
//   ...
//   EXPECT_THAT(auditor.Audit(), IsEmpty());
//
// It knows nothing of records, leases or stores. What it is told of must be definite: a call that ended as
// UNAVAILABLE says nothing and is repeated until it does. The promises:
//
//   - an incident has one answer, ever, with one code, and a code belongs to one incident;
//   - of two requests with one id and different facts one wins, for ever;
//   - a customer is given no more than the limit, and is not refused below it;
//   - a budget is never exceeded, and a firm no means that less than a voucher is left of it;
//   - a voucher is redeemed under one redemption id, a repetition of that succeeds, every other is refused;
//   - every voucher's letter is sent, and no letter has a code that nobody was given.
//
// Thread-safety: any method from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace kulanz::audit {

// What every grant of the audited policies is worth, and what they allow. Minor units of one currency.
struct AuditedRules {
  std::int64_t amount = 0;
  std::size_t vouchers_per_customer = 0;
  std::int64_t budget_cap = 0;
};

struct ReportedIncident {
  std::string id;
  std::string customer;
  std::string budget;  // that a grant is paid from
  std::string facts;   // tells apart what was reported under the same id
};

struct AnsweredDecision {
  std::string outcome;  // "granted", "denied"
  std::string reason;
  std::string code;  // empty: no voucher
  std::int64_t amount = 0;
  friend bool operator==(const AnsweredDecision&, const AnsweredDecision&) = default;
};

class Auditor {
 public:
  explicit Auditor(const AuditedRules& rules) : rules_(rules) {}

  // The answer to a report, first or repeated, or to reading the decision.
  void Decided(const ReportedIncident& incident, const AnsweredDecision& answer);
  // ALREADY_EXISTS: the id belongs to other facts.
  void Conflicted(const ReportedIncident& incident);
  void Redeemed(const std::string& code, const std::string& redemption);
  // VOUCHER_REDEEMED: refused, because another redemption was first.
  void RefusedAsRedeemed(const std::string& code, const std::string& redemption);
  // Reading a voucher told who redeemed it; `known`: RedemptionOf, asked before the reading began.
  void Found(const std::string& code, const std::optional<std::string>& known,
             const std::optional<std::string>& redemption);
  // The next hop took the letter.
  void Delivered(const std::string& incident, const std::string& code);
  // Any other broken promise, as a sentence.
  void Broken(const std::string& what);

  // What was said of an incident so far; of a voucher: who redeemed it.
  std::optional<AnsweredDecision> AnswerTo(const std::string& incident) const;
  std::optional<std::string> RedemptionOf(const std::string& code) const;
  std::size_t vouchers() const;
  std::size_t redeemed() const;
  std::size_t letters_missing() const;
  std::size_t letters_repeated() const;
  std::vector<ReportedIncident> incidents() const;
  // Budgets, and what was granted from each.
  std::map<std::string, std::int64_t> spent() const;

  // Every promise that was broken, empty when none was. At the end: every request has its answer.
  // `drained`: each budget was asked for more until it refused.
  std::vector<std::string> Audit(bool drained) const;

 private:
  struct Incident {
    ReportedIncident report;
    AnsweredDecision answer;
  };
  struct Voucher {
    std::string incident;
    std::optional<std::string> redemption;
    std::set<std::string> refused;  // redemption ids
    std::size_t letters = 0;
  };
  void BrokenLocked(const std::string& what);
  void AuditMoney(bool drained, std::vector<std::string>& broken) const;
  void AuditVouchers(std::vector<std::string>& broken) const;

  const AuditedRules rules_;
  mutable std::mutex mutex_;
  // All under mutex_.
  std::map<std::string, Incident> incidents_;
  std::map<std::string, std::set<std::string>> conflicted_;  // facts that were refused, by id
  std::map<std::string, Voucher> vouchers_;                  // by code
  std::map<std::string, std::string> letters_;  // incident by code, where no answer is known yet
  std::vector<std::string> broken_;
  std::size_t letters_repeated_ = 0;
};

}  // namespace kulanz::audit
