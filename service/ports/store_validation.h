// What every store refuses before it does anything: the limits and the well-formedness of store.h.
//
// Each function returns OK or INVALID_ARGUMENT / STORE_LIMIT with a message that names the limit. Both
// adapters call these first, so that a call which breaks a limit has no effect anywhere. Pure;
// thread-safe.
#pragma once

#include <span>

#include "service/base/status.h"
#include "service/ports/store.h"

namespace kulanz::ports {

// `partition_count` is that of the store. All keys must be records of one partition.
Status ValidateRead(std::span<const Key> keys, std::uint32_t partition_count);
Status ValidateTransaction(const Transaction& transaction, std::uint32_t partition_count);
Status ValidateRange(const IndexRange& range, std::uint32_t partition_count);
Status ValidateIndexKey(const Key& index, std::uint32_t partition_count);
Status ValidateCounterKey(const Key& counter, std::uint32_t partition_count);

}  // namespace kulanz::ports
