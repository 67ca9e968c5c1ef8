// Liability: what all vouchers together are still worth, by currency, counted in the store.
//
// Each transaction that changes a voucher's worth adds the change to a counter of its own partition, so the
// sum over all partitions is exact, whoever dies or starts anew, and every replica reads the same. An index
// beside the counters names the currencies. Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "service/app/dependencies.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/currency.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Nothing when `minor_units` is 0.
void AddToLiability(const Keys& keys, Currency currency, std::int64_t minor_units,
                    ports::Transaction& transaction);
// The same, and the currency is known from then on: for issues.
void AddIssueToLiability(const Keys& keys, Currency currency, std::int64_t minor_units,
                         ports::Transaction& transaction);

// Of one partition: ISO 4217 code -> minor units.
using Liability = std::map<std::string, std::int64_t>;
Task<Result<Liability>> ReadLiability(const Dependencies& dependencies,
                                      ports::PartitionId partition, Deadline deadline);

}  // namespace kulanz::app
