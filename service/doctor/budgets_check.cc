// Budgets: what was spent by their records and counters, held against the leases and the decisions.
//
// A grant and its addition to the lease's counter are one transaction, and neither is ever taken back. So
// what the decisions found by a scan sum up to lies between what was spent before the scan and what was
// spent after it, whatever servers do meanwhile.
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "service/app/record_budget.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

constexpr int kBudgetViewAttempts = 50;
constexpr std::uint32_t kBudgetPageKeys = 1000;

struct Spent {
  app::BudgetRecord record;
  std::int64_t minor_units = 0;  // settled, and in the counters of open leases
  std::vector<std::pair<std::int64_t, std::int64_t>> leases;  // amount, and what its counters say
};

class BudgetsCheck final : public Check {
 public:
  explicit BudgetsCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return kind == ports::RecordKind::kBudget || kind == ports::RecordKind::kDecision;
  }

  Status Begin() override {
    std::string cursor;
    do {
      const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
      KULANZ_ASSIGN_OR_RETURN(const ports::ScanPage page,
                              SyncWait(tools_.scan.Scan(cursor, kBudgetPageKeys, deadline)));
      for (const ports::Key& key : page.keys) {
        if (key.kind == ports::RecordKind::kBudget && !before_.contains(key)) {
          KULANZ_ASSIGN_OR_RETURN(const std::optional<Spent> spent, SpentOf(key));
          if (spent) {
            before_.emplace(key, spent->minor_units);
          }
        }
      }
      cursor = page.next;
    } while (!cursor.empty());
    return Status::Ok();
  }

  Result<Findings> Examine(const ports::Key& key, bool) override {
    if (key.kind == ports::RecordKind::kDecision) {
      return Count(key);
    }
    KULANZ_ASSIGN_OR_RETURN(const std::optional<Spent> spent, SpentOf(key));
    Findings findings;
    for (const auto& [amount, counted] : spent ? spent->leases : Spent{}.leases) {
      if (counted > amount) {
        findings.push_back({"LEASE_OVERDRAWN", Severity::kDamage, key,
                            "a lease of a budget has spent " + std::to_string(counted) +
                                " minor units of the " + std::to_string(amount) +
                                " that are set aside for it"});
      }
    }
    return findings;
  }

  Result<Findings> End() override {
    Findings findings;
    for (const auto& [key, decided] : Decided()) {
      KULANZ_ASSIGN_OR_RETURN(const std::optional<Spent> spent, SpentOf(key));
      if (decided > (spent ? spent->minor_units : 0)) {
        findings.push_back(Differs("BUDGET_UNCOUNTED", key, decided, spent ? spent->minor_units : 0,
                                   "more was given than was counted"));
      }
    }
    const std::map<ports::Key, std::int64_t> decided = Decided();
    for (const auto& [key, spent] : before_) {
      const auto found = decided.find(key);
      const std::int64_t sum = found == decided.end() ? 0 : found->second;
      if (spent > sum) {
        findings.push_back(
            Differs("BUDGET_LEAKED", key, sum, spent, "more was counted than was given"));
      }
    }
    return findings;
  }

 private:
  static Finding Differs(const std::string& kind, const ports::Key& key, std::int64_t decided,
                         std::int64_t spent, const std::string& what) {
    return {kind, Severity::kDamage, key,
            what + ": by the decisions " + std::to_string(decided) +
                " minor units, by the budget " + std::to_string(spent)};
  }

  // Adds a grant to the budget that pays it, once, however often the scan gives it.
  Result<Findings> Count(const ports::Key& key) {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    const auto stored = tools_.codec.DecodeDecision(key, record.value);
    if (!record.exists() || !stored.ok()) {
      return Findings{};
    }
    const Decision& decision = stored->decision;
    const std::optional<std::string> period = app::PeriodName(decision);
    if (!period) {
      return Findings{};
    }
    const ports::Key budget = tools_.keys.Budget(*period);
    const std::lock_guard lock(mutex_);
    if (counted_.insert(key).second) {
      decided_[budget] += decision.voucher->amount.minor_units();
    }
    return Findings{};
  }

  std::map<ports::Key, std::int64_t> Decided() {
    const std::lock_guard lock(mutex_);
    return decided_;
  }

  // One view of a budget: its record is the same before and after its counters were read, so no lease was
  // settled in between. Nothing: it does not exist, does not open, or changes faster than it is read.
  Result<std::optional<Spent>> SpentOf(const ports::Key& key) {
    for (int attempt = 0; attempt < kBudgetViewAttempts; ++attempt) {
      KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
      const auto budget = app::DecodeBudget(tools_.codec, key, record.value);
      if (!record.exists() || !budget.ok()) {
        return std::optional<Spent>();
      }
      Spent spent{*budget, budget->settled, {}};
      for (const app::BudgetLease& lease : budget->leases) {
        KULANZ_ASSIGN_OR_RETURN(const std::int64_t counted, CountersOf(lease));
        spent.leases.emplace_back(lease.amount, counted);
        spent.minor_units += counted;
      }
      KULANZ_ASSIGN_OR_RETURN(const ports::Record again, ReadOne(tools_, key));
      if (again.version == record.version) {
        return std::optional<Spent>(std::move(spent));
      }
    }
    return std::optional<Spent>();
  }

  Result<std::int64_t> CountersOf(const app::BudgetLease& lease) {
    std::int64_t sum = 0;
    for (std::uint32_t number = 0; number < tools_.keys.partition_count(); ++number) {
      const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
      KULANZ_ASSIGN_OR_RETURN(const std::int64_t value,
                              ReadCounter(tools_, tools_.keys.LeaseCounter(partition, lease.id)));
      sum += value;
    }
    return sum;
  }

  const Tools& tools_;
  std::map<ports::Key, std::int64_t> before_;  // spent before the scan
  std::mutex mutex_;
  std::set<ports::Key> counted_;                // decisions; under mutex_
  std::map<ports::Key, std::int64_t> decided_;  // by budget; under mutex_
};

}  // namespace

std::unique_ptr<Check> MakeBudgetsCheck(const Tools& tools) {
  return std::make_unique<BudgetsCheck>(tools);
}

}  // namespace kulanz::doctor
