// The outstanding liability: a partition's counters, held against what its open vouchers are worth.
//
// Vouchers and counters change in the same transactions, so both readings agree at any one moment. The moment is
// found by reading all of it twice: what is the same both times was so in between. A partition that never stands
// still for as long is not judged. There is nothing to repair: a person finds out which of the two is wrong.
#include <map>
#include <optional>
#include <set>

#include "service/app/keys.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

constexpr int kLiabilityViewAttempts = 20;

class LiabilityCheck final : public Check {
 public:
  explicit LiabilityCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return kind == ports::RecordKind::kLiabilityIndex;
  }
  Result<Findings> Examine(const ports::Key& key, bool /*repair*/) override {
    std::optional<View> before;
    for (int attempt = 0; attempt < kLiabilityViewAttempts; ++attempt) {
      KULANZ_ASSIGN_OR_RETURN(View view, ViewOf(key));
      if (before == view) {
        return Judge(key, view);
      }
      before = std::move(view);
    }
    return Findings{};
  }

 private:
  struct View {
    std::map<std::string, std::int64_t> counted;  // by currency
    std::map<std::string, std::int64_t> worth;    // of the open vouchers
    std::vector<std::uint64_t> versions;          // of these
    bool unreadable = false;                      // not all could be read; other checks tell
    friend bool operator==(const View&, const View&) = default;
  };

  static Findings Judge(const ports::Key& key, const View& view) {
    Findings findings;
    for (const auto& [currency, counted] : view.counted) {
      const auto found = view.worth.find(currency);
      const std::int64_t worth = found == view.worth.end() ? 0 : found->second;
      if (counted != worth && !view.unreadable) {
        findings.push_back({"LIABILITY_DIFFERS", Severity::kDamage, key,
                            "the partition counts " + std::to_string(counted) + " minor units of " +
                                currency + " outstanding, and its open vouchers are worth " +
                                std::to_string(worth)});
      }
    }
    return findings;
  }

  Result<View> ViewOf(const ports::Key& currencies) {
    const ports::PartitionId partition = currencies.partition;
    View view;
    KULANZ_ASSIGN_OR_RETURN(
        const std::vector<ports::IndexEntry> codes,
        ReadIndex(tools_, {currencies, -ports::kStoredIntegerMax, ports::kStoredIntegerMax,
                           ports::kIndexRangeMax, false}));
    for (const ports::IndexEntry& code : codes) {
      KULANZ_ASSIGN_OR_RETURN(view.counted[code.member],
                              ReadCounter(tools_, tools_.keys.Liability(partition, code.member)));
    }
    std::set<ports::KeyHash> seen;
    KULANZ_ASSIGN_OR_RETURN(
        const bool all,
        VisitIndex(tools_, tools_.keys.Expiries(partition), [&](const ports::IndexEntry& entry) {
          const auto hash = app::KeyHashFrom(entry.member);
          return hash && seen.insert(*hash).second
                     ? Add(tools_.keys.Voucher(partition, *hash), view)
                     : Status::Ok();
        }));
    view.unreadable = view.unreadable || !all;
    return view;
  }

  Status Add(const ports::Key& key, View& view) {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    const auto voucher = tools_.codec.DecodeVoucher(key, record.value);
    if (!record.exists() || !voucher.ok()) {
      view.unreadable = view.unreadable || record.exists();
      return Status::Ok();
    }
    view.versions.push_back(record.version);
    if (voucher->state != VoucherState::kIssued) {
      return Status::Ok();
    }
    const ports::Key decision_key = tools_.keys.Decision(key.partition, voucher->incident);
    KULANZ_ASSIGN_OR_RETURN(const ports::Record stored, ReadOne(tools_, decision_key));
    const auto decision = tools_.codec.DecodeDecision(decision_key, stored.value);
    if (!stored.exists() || !decision.ok() || !decision->decision.voucher) {
      view.unreadable = true;
      return Status::Ok();
    }
    const std::string code(decision->decision.voucher->amount.currency().code());
    view.worth[code] += voucher->remaining_minor_units;
    return Status::Ok();
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeLiabilityCheck(const Tools& tools) {
  return std::make_unique<LiabilityCheck>(tools);
}

}  // namespace kulanz::doctor
