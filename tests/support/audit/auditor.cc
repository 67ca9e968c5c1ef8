#include "tests/support/audit/auditor.h"

#include <utility>

namespace kulanz::audit {
namespace {

constexpr std::size_t kBrokenMax = 50;  // told; one is one too many already

std::string Told(const AnsweredDecision& answer) {
  return answer.outcome + "/" + answer.reason + " code '" + answer.code + "' amount " +
         std::to_string(answer.amount);
}

}  // namespace

void Auditor::BrokenLocked(const std::string& what) {
  if (broken_.size() < kBrokenMax) {
    broken_.push_back(what);
  }
}

void Auditor::Broken(const std::string& what) {
  const std::lock_guard lock(mutex_);
  BrokenLocked(what);
}

void Auditor::Decided(const ReportedIncident& incident, const AnsweredDecision& answer) {
  const std::lock_guard lock(mutex_);
  const auto [known, is_new] = incidents_.emplace(incident.id, Incident{incident, answer});
  if (!is_new) {
    if (known->second.answer != answer) {
      BrokenLocked(incident.id + " was answered " + Told(known->second.answer) + " and then " +
                   Told(answer));
    }
    if (known->second.report.facts != incident.facts) {
      BrokenLocked(incident.id + " was answered for two sets of facts");
    }
    return;
  }
  if (answer.code.empty() != (answer.outcome != "granted")) {
    BrokenLocked(incident.id + ": " + Told(answer) + " is neither a grant nor a refusal");
  }
  if (answer.code.empty()) {
    return;
  }
  Voucher& voucher = vouchers_[answer.code];  // its letter may have come before the answer
  if (!voucher.incident.empty() && voucher.incident != incident.id) {
    BrokenLocked("two incidents have one code: " + voucher.incident + ", " + incident.id);
  }
  voucher.incident = incident.id;
}

void Auditor::Conflicted(const ReportedIncident& incident) {
  const std::lock_guard lock(mutex_);
  conflicted_[incident.id].insert(incident.facts);
}

void Auditor::Redeemed(const std::string& code, const std::string& redemption) {
  const std::lock_guard lock(mutex_);
  Voucher& voucher = vouchers_[code];
  if (voucher.redemption && *voucher.redemption != redemption) {
    BrokenLocked("the voucher of " + voucher.incident +
                 " was redeemed twice: " + *voucher.redemption + ", " + redemption);
  }
  voucher.redemption = redemption;
}

void Auditor::RefusedAsRedeemed(const std::string& code, const std::string& redemption) {
  const std::lock_guard lock(mutex_);
  vouchers_[code].refused.insert(redemption);
}

void Auditor::Found(const std::string& code, const std::optional<std::string>& known,
                    const std::optional<std::string>& redemption) {
  const std::lock_guard lock(mutex_);
  const Voucher& voucher = vouchers_[code];
  if (known && known != redemption) {
    BrokenLocked("the voucher of " + voucher.incident + " was redeemed by " + *known +
                 ", and is found " +
                 (redemption ? "redeemed by " + *redemption : "not to be redeemed"));
  }
}

void Auditor::Delivered(const std::string& incident, const std::string& code) {
  const std::lock_guard lock(mutex_);
  const auto [known, is_new] = letters_.emplace(code, incident);
  if (!is_new && known->second != incident) {
    BrokenLocked("letters of " + known->second + " and " + incident + " have one code");
  }
  if (vouchers_[code].letters++ > 0) {
    ++letters_repeated_;
  }
}

std::optional<AnsweredDecision> Auditor::AnswerTo(const std::string& incident) const {
  const std::lock_guard lock(mutex_);
  const auto known = incidents_.find(incident);
  return known == incidents_.end() ? std::nullopt : std::optional(known->second.answer);
}

std::optional<std::string> Auditor::RedemptionOf(const std::string& code) const {
  const std::lock_guard lock(mutex_);
  const auto known = vouchers_.find(code);
  return known == vouchers_.end() ? std::nullopt : known->second.redemption;
}

std::size_t Auditor::vouchers() const {
  const std::lock_guard lock(mutex_);
  return vouchers_.size();
}

std::size_t Auditor::redeemed() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [code, voucher] : vouchers_) {
    count += voucher.redemption ? 1U : 0U;
  }
  return count;
}

std::size_t Auditor::letters_missing() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [code, voucher] : vouchers_) {
    count += voucher.letters == 0 ? 1U : 0U;
  }
  return count;
}

std::size_t Auditor::letters_repeated() const {
  const std::lock_guard lock(mutex_);
  return letters_repeated_;
}

std::vector<ReportedIncident> Auditor::incidents() const {
  const std::lock_guard lock(mutex_);
  std::vector<ReportedIncident> all;
  all.reserve(incidents_.size());
  for (const auto& [id, incident] : incidents_) {
    all.push_back(incident.report);
  }
  return all;
}

std::map<std::string, std::int64_t> Auditor::spent() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::int64_t> spent;
  for (const auto& [id, incident] : incidents_) {
    spent[incident.report.budget] += incident.answer.amount;
  }
  return spent;
}

void Auditor::AuditMoney(bool drained, std::vector<std::string>& broken) const {
  std::map<std::string, std::int64_t> spent;
  std::map<std::string, std::size_t> given;
  std::set<std::string> limited;
  std::set<std::string> exhausted;
  for (const auto& [id, incident] : incidents_) {
    const AnsweredDecision& answer = incident.answer;
    spent[incident.report.budget] += answer.amount;
    given[incident.report.customer] += answer.code.empty() ? 0U : 1U;
    if (!answer.code.empty() && answer.amount != rules_.amount) {
      broken.push_back(id + " was granted " + std::to_string(answer.amount));
    }
    if (answer.reason == "CUSTOMER_LIMIT") {
      limited.insert(incident.report.customer);
    } else if (answer.reason == "BUDGET_EXHAUSTED") {
      exhausted.insert(incident.report.budget);
    } else if (answer.code.empty()) {
      broken.push_back(id + " was refused as " + answer.reason);
    }
  }
  for (const auto& [customer, vouchers] : given) {
    if (vouchers > rules_.vouchers_per_customer) {
      broken.push_back(customer + " was given " + std::to_string(vouchers));
    }
    if (vouchers < rules_.vouchers_per_customer && limited.contains(customer)) {
      broken.push_back(customer + " was refused below the limit, with " + std::to_string(vouchers));
    }
  }
  for (const auto& [budget, money] : spent) {
    if (money > rules_.budget_cap) {
      broken.push_back(budget + " was overspent: " + std::to_string(money));
    }
    if (exhausted.contains(budget) && rules_.budget_cap - money >= rules_.amount) {
      broken.push_back(budget + " refused for ever with only " + std::to_string(money) + " spent");
    }
    if (drained && !exhausted.contains(budget)) {
      broken.push_back(budget + " was not drained");
    }
  }
}

void Auditor::AuditVouchers(std::vector<std::string>& broken) const {
  for (const auto& [code, voucher] : vouchers_) {
    if (voucher.incident.empty()) {
      broken.emplace_back("a letter or a redemption has a code that nobody was given");
      continue;
    }
    if (!voucher.refused.empty() && !voucher.redemption) {
      broken.push_back("the voucher of " + voucher.incident + " is redeemed by nobody known");
    }
    if (voucher.redemption && voucher.refused.contains(*voucher.redemption)) {
      broken.push_back(*voucher.redemption + " redeemed a voucher and was refused, too");
    }
    if (voucher.letters == 0) {
      broken.push_back("no letter was sent for " + voucher.incident);
    }
  }
  for (const auto& [code, incident] : letters_) {
    const auto voucher = vouchers_.find(code);
    if (voucher != vouchers_.end() && !voucher->second.incident.empty() &&
        voucher->second.incident != incident) {
      broken.push_back("the letter of " + incident + " has the code of " +
                       voucher->second.incident);
    }
  }
}

std::vector<std::string> Auditor::Audit(bool drained) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> broken = broken_;
  for (const auto& [id, facts] : conflicted_) {
    const auto incident = incidents_.find(id);
    if (incident == incidents_.end()) {
      broken.push_back(id + " conflicts with what nobody was answered");
    } else if (facts.contains(incident->second.report.facts)) {
      broken.push_back(id + " was decided and refused for the same facts");
    }
  }
  AuditMoney(drained, broken);
  AuditVouchers(broken);
  return broken;
}

}  // namespace kulanz::audit
