// BudgetRecord: a period of a budget as it is stored, and its arithmetic.
//
//   free = cap - settled - (sum of all leases' amounts)
//
// What was spent is `settled` and, per lease, the sum of its counters over all partitions, which never
// exceeds its amount. The cap is not part of it: it is the policy set's, and may change.
//
// Thread-safety: values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/engine/decide.h"
#include "service/ports/store.h"

namespace kulanz::app {

// As many leases as one budget may have; an instance that would be one more has to wait.
inline constexpr std::size_t kBudgetLeasesMax = 256;

struct BudgetLease {
  std::string id;
  std::string holder;
  std::int64_t amount = 0;
  std::int64_t spent = 0;  // reported by the holder; never more than the counters say
  std::uint64_t beat = 0;
  bool recovering = false;
  friend bool operator==(const BudgetLease&, const BudgetLease&) = default;
};

struct BudgetRecord {
  std::int64_t settled = 0;
  std::uint32_t wanted = 0;  // counts down with every writing by one that wants nothing
  std::vector<BudgetLease> leases;

  BudgetLease* Find(std::string_view lease);
  const BudgetLease* Find(std::string_view lease) const;
  // Takes the lease off, with what it spent for good. Nothing happens when it is not there.
  void Settle(std::string_view lease, std::int64_t spent);
  // Not yet spent for good and set aside for nobody.
  std::int64_t Free(std::int64_t cap) const;
  // A lower bound, which only grows.
  std::int64_t SpentAtLeast() const;
  friend bool operator==(const BudgetRecord&, const BudgetRecord&) = default;
};

// Names a period: two periods with the same name are the same budget.
std::string PeriodName(const engine::BudgetPeriod& period);
// The one that a grant was paid from; nothing: from none.
std::optional<std::string> PeriodName(const Decision& decision);

std::string EncodeBudget(const RecordCodec& codec, const ports::Key& key,
                         const engine::BudgetPeriod& period, const BudgetRecord& record);
// An absent record ("") is an untouched budget. DATA_LOSS / RECORD_CORRUPT.
Result<BudgetRecord> DecodeBudget(const RecordCodec& codec, const ports::Key& key,
                                  std::string_view stored);

}  // namespace kulanz::app
