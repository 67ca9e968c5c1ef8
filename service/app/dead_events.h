// DeadEvents: what was told to nobody and given up, for operators: listed, explained, and told again.
//
// A record of events that was worked off with dead ones among them moves from its partition's outbox to a list of
// the same partition, with the dead ones alone, and is kept for a week. The events of one step (a decision and
// its voucher, say) are one record, and are told again together, under their ids.
//
// Thread-safety: any method from any thread. No personal data beyond the customer's id, and no code, in any
// answer. Failures of the store come through as they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/record_events.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/ports/store.h"

namespace kulanz::app {

inline constexpr std::uint32_t kDeadEventsPageDefault = 50;
inline constexpr std::uint32_t kDeadEventsPageMax = 100;
inline constexpr Duration kDeadEventsKept = std::chrono::hours{24 * 7};

struct DeadEventRecord {
  std::string id;
  StoredEvents events;  // `dead` has one for each of them, in their order
  Instant given_up_at{};
  Instant kept_until{};
};

struct DeadEventPage {
  std::vector<DeadEventRecord> records;
  std::string next_page_token;  // empty: there are no more
};

class DeadEvents {
 public:
  explicit DeadEvents(const Dependencies& dependencies) : dependencies_(dependencies) {}

  // `page_size`: 0: kDeadEventsPageDefault; at most kDeadEventsPageMax. INVALID_ARGUMENT / INVALID_PAGE_TOKEN.
  Task<Result<DeadEventPage>> List(std::uint32_t page_size, std::string page_token,
                                   Deadline deadline);
  // Puts them into the outbox again, due now, with all their attempts and four days before them. Idempotent.
  //   NOT_FOUND / EVENT_NOT_FOUND     no such record, or it was told meanwhile
  //   UNAVAILABLE / CONTENTION
  Task<Result<DeadEventRecord>> Resend(std::string id, Deadline deadline);

 private:
  const Dependencies& dependencies_;
};

// What a transaction adds that puts `left`, stored at `record`, onto the list.
void AddToDeadEvents(const Keys& keys, const ports::Key& record, const StoredEvents& left,
                     ports::Transaction& transaction);

// Takes entries off a partition's list whose records have gone with their week.
Task<void> ForgetDeadEvents(Dependencies dependencies, ports::PartitionId partition, Instant now,
                            Deadline deadline);

}  // namespace kulanz::app
