// What the benchmarks of decisions decide on.
#pragma once

#include <memory>

#include "service/domain/customer.h"
#include "service/domain/history.h"
#include "service/domain/incident.h"
#include "service/policy/policy_files.h"
#include "service/policy/policy_set.h"

namespace kulanz::engine {

Incident LateDelivery();
Customer Regular();
History WithGestures(std::size_t count);
std::shared_ptr<const policy::PolicySet> Shipped();

// `count` policies of one type of which only the last one answers Regular()'s LateDelivery().
enum class Kind {
  kGuarded,  // each is for another segment: the index finds the one
  kRanges,   // each is from another delay on: no index helps
};
policy::PolicyFiles ManyPolicies(int count, Kind kind);

}  // namespace kulanz::engine
