// Reads `breakers` of settings.yaml.
//
// Thread-safe. Problems go to the context's sink.
#pragma once

#include <chrono>
#include <span>

#include "service/policy/breaker.h"
#include "service/policy/fields.h"
#include "service/policy/incident_type.h"
#include "service/policy/policy_reader.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

inline constexpr std::size_t kBreakersMax = 200;
inline constexpr std::int64_t kBreakerGesturesMax = 1'000'000;
// Counts are kept in twelfths of it.
inline constexpr Duration kBreakerWithinMin = std::chrono::minutes(1);
inline constexpr Duration kBreakerWithinMax = std::chrono::hours(24);

// What the names in a breaker are compared with. With `incidents_known` false nothing is said about types.
struct BreakerNames {
  std::span<const IncidentType> types;
  bool incidents_known = true;
  std::span<const PolicyDraft> drafts;
};

// `root`: of settings.yaml; gives no breakers when it has none.
Breakers ReadBreakers(const FileContext& context, const Node& root, const BreakerNames& names);

}  // namespace kulanz::policy
