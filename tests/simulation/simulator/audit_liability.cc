// I5: what the servers say that all vouchers are worth is what they are worth; what has run out is not counted
// any more; and a customer's list has every voucher once.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

// When nothing goes wrong any more, servers know a clock that has jumped and have looked for what has run out
// within this.
constexpr Duration kSettledWithin{5'000};

Finding CheckSum(const Evidence& evidence) {
  const Journal& journal = evidence.journal;
  if (!journal.unanswered.empty()) {
    return std::nullopt;  // nobody got so far
  }
  const std::int64_t told = journal.liability.value_or(0);
  if (told != journal.worth_before && told != journal.worth_after) {
    return Broken("I5", "",
                  "all vouchers are said to be worth " + std::to_string(told) + ", and are worth " +
                      std::to_string(journal.worth_after));
  }
  return std::nullopt;
}

Finding CheckExpiry(const Evidence& evidence, const std::string& code, const Voucher& voucher) {
  const Instant now = evidence.StoreTimeAt(evidence.journal.looked_at - kSettledWithin);
  Instant open_until = voucher.usable_until();
  for (const Reservation& reservation : voucher.life.reservations) {
    if (reservation.state == ReservationState::kHeld) {
      open_until = std::max(open_until, reservation.expires_at);
    }
  }
  if (voucher.state == VoucherState::kIssued && now > open_until) {
    return Broken("I5", code, "its time is over, and it has not expired");
  }
  return std::nullopt;
}

Finding CheckLists(const Evidence& evidence) {
  std::map<std::size_t, std::vector<std::string>> expected;
  for (const auto& [code, chain] : evidence.chains) {
    if (code == chain.codes.front()) {
      expected[NumberIn(chain.current->customer.text())].push_back(chain.current->id);
    }
  }
  for (const auto& [customer, listed] : evidence.journal.vouchers_listed) {
    std::vector<std::string> sorted = listed;
    std::sort(sorted.begin(), sorted.end());
    std::sort(expected[customer].begin(), expected[customer].end());
    if (sorted != expected[customer]) {
      return Broken("I2", CustomerName(customer),
                    "the list of " + CustomerName(customer) + " has " +
                        std::to_string(sorted.size()) + " vouchers, not those that were issued, " +
                        std::to_string(expected[customer].size()));
    }
  }
  return std::nullopt;
}

}  // namespace

Finding AuditLiability(const Evidence& evidence) {
  for (const auto& [code, voucher] : evidence.journal.vouchers) {
    if (Finding finding = CheckExpiry(evidence, code, voucher)) {
      return finding;
    }
  }
  if (Finding finding = CheckSum(evidence)) {
    return finding;
  }
  return CheckLists(evidence);
}

}  // namespace kulanz::simulation
