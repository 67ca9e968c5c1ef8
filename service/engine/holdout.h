// The control group of a policy: customers who get nothing, so that the others can be compared with them.
//
// Thread-safe; pure.
#pragma once

#include "service/domain/decimal.h"
#include "service/domain/ids.h"

namespace kulanz::engine {

// Chosen by SHA-256 over the policy's id, a zero byte and the customer's id: its first 8 bytes, as a
// fraction of 2^64, are below `share`. So a customer stays in the group, a larger share keeps those of a
// smaller one, and the groups of two policies have nothing to do with each other. `share`: 0 to 1.
bool IsHeldOut(const PolicyId& policy, const CustomerId& customer, Decimal share);

}  // namespace kulanz::engine
