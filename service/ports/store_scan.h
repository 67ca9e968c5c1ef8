// StoreScan: every key of a store, page by page, for tools that look a whole store over (kulanz doctor).
//
// Port, beside Store: servers never need it. Implemented by MemoryStore and RedisStore; both pass
// tests/contract. A scan is not one view of the store: it gives every key that exists from its first page
// to its last at least once, and may give keys that come or go meanwhile, or one key twice. Where
// partitions move between servers, or a replica takes over during a scan, keys may be missed: whoever
// concludes something from an absence looks again with Store::Read.
//
// Thread-safety: any method from any thread. Failures are those of Store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/ports/store.h"

namespace kulanz::ports {

inline constexpr std::uint32_t kScanLimitMax = 1000;

struct ScanPage {
  std::vector<Key> keys;  // may be empty although there is more
  // Keys that no store of this version writes: of another application, or of a later version.
  std::uint64_t foreign = 0;
  std::string next;             // the cursor of the next page; empty: this was the last
  std::uint32_t per_mille = 0;  // how far the scan has come, for people
};

class StoreScan {
 public:
  virtual ~StoreScan() = default;
  // `cursor`: empty to begin, then ScanPage::next of this store as it was. `limit`: about as many keys as
  // are looked at, 1 to kScanLimitMax; Redis serves nobody else meanwhile (1,000 keys: well below 1 ms).
  //   INVALID_ARGUMENT / STORE_LIMIT   a limit out of range, or a cursor that Scan did not give.
  virtual Task<Result<ScanPage>> Scan(std::string cursor, std::uint32_t limit,
                                      Deadline deadline) = 0;
};

// The kind that `letter` stands for; nothing when this version knows none.
constexpr std::optional<RecordKind> KindOf(char letter) {
  const auto kind = static_cast<RecordKind>(letter);
  switch (kind) {
    case RecordKind::kClaim:
    case RecordKind::kProfile:
    case RecordKind::kHistory:
    case RecordKind::kDecision:
    case RecordKind::kVoucher:
    case RecordKind::kApology:
    case RecordKind::kDecisionIndex:
    case RecordKind::kBudget:
    case RecordKind::kLeaseCounter:
    case RecordKind::kAgenda:
    case RecordKind::kDailyCounter:
    case RecordKind::kExpiry:
    case RecordKind::kLiability:
    case RecordKind::kLiabilityIndex:
    case RecordKind::kEvents:
    case RecordKind::kOutbox:
    case RecordKind::kDeadLetters:
    case RecordKind::kDeadEvents:
    case RecordKind::kPool:
    case RecordKind::kPoolCode:
    case RecordKind::kPoolShelf:
    case RecordKind::kPoolTransit:
    case RecordKind::kBreaker:
    case RecordKind::kHeld:
    case RecordKind::kBreakerIndex:
      return kind;
  }
  return std::nullopt;
}

}  // namespace kulanz::ports
