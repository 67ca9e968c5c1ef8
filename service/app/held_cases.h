// Held cases: the decisions that a breaker sent to review, as lists of each breaker in each partition.
//
// An entry names its decision and what would have been given, so that a list can be counted and summed up
// without reading a decision. The transaction that holds a decision puts it there, and the one that decides it,
// or withdraws its incident, takes it off.
//
// Thread-safety: any thread; pure but for what they read, or add to `transaction`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "service/app/dependencies.h"
#include "service/app/keys.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/decision.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Whether a breaker holds it.
bool IsHeld(const Decision& decision);

// What a gesture becomes when a breaker holds it: a review that remembers the amount.
void TurnIntoHeld(Decision& decision);

// Score: when it was decided.
void AddToHeld(const Keys& keys, std::string_view breaker, const ports::Key& decision_key,
               const Decision& held, ports::Transaction& transaction);
// Off every list that it can stand on. Two writes.
void RemoveFromHeld(const Keys& keys, const ports::Key& decision_key, const Decision& held,
                    ports::Transaction& transaction);

// The decision that an entry names; nothing for what this version does not know.
std::optional<ports::KeyHash> DecisionOfHeld(std::string_view member);

struct HeldSummary {
  std::uint64_t cases = 0;
  std::map<std::string, std::int64_t>
      amounts;                    // ISO 4217 code -> minor units, letters without money aside
  std::optional<Instant> oldest;  // when it was held
};
// How many; one trip for each partition.
Task<Result<std::uint64_t>> CountHeld(const Dependencies& dependencies, std::string breaker,
                                      Deadline deadline);
// Over all partitions: one trip for each, and for each thousand cases in one.
Task<Result<HeldSummary>> SummarizeHeld(const Dependencies& dependencies, std::string breaker,
                                        Deadline deadline);

}  // namespace kulanz::app
