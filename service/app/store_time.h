// The store's clock, by which everything is dated that several servers must agree on.
#pragma once

#include "service/base/result.h"
#include "service/domain/time.h"
#include "service/ports/store.h"

namespace kulanz::app {

// UNAVAILABLE with the store's own failure, else STORE_UNREACHABLE: no answer has told the time yet.
Result<Instant> StoreTime(const ports::Store& store);

}  // namespace kulanz::app
