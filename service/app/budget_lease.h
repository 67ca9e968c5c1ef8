// HeldLease: one lease as its holder keeps count of it.
//
// Every minor unit that the record sets aside for it is in one of four places: free, held (given to a
// transaction that is under way), committed, or unknown (given to a transaction of which nobody knows).
// An answered writing makes `free` what the record says less the other three; a writing under way can
// only have taken from it beforehand, so it is never too large.
//
// Thread-safety: none of its own; BudgetAccount guards it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "service/domain/time.h"
#include "service/ports/store.h"

namespace kulanz::app {

// One moment by both clocks: this host's, which only measures spans, and the store's.
struct Moment {
  Deadline here{};
  Instant store{};
};

struct HeldLease {
  explicit HeldLease(std::string lease) : id(std::move(lease)) {}

  struct PartitionUse {
    std::int64_t committed = 0;
    bool unknown = false;  // some outcome there is: only its counter knows
  };

  std::int64_t used() const { return held + committed + unknown; }

  const std::string id;
  std::int64_t free = 0;
  std::int64_t held = 0;
  std::int64_t committed = 0;
  std::int64_t unknown = 0;
  std::map<ports::PartitionId, PartitionUse> touched;
  std::uint64_t beat = 0;
  bool confirmed = false;             // it was seen in the record
  Moment confirmed_at{};              // when the call began that saw it last
  Deadline unknown_since{};           // the first unknown outcome, when there is any
  bool closing = false;               // gives out no more; is settled once nothing is held
  bool lost = false;                  // it is another's to settle
  std::optional<std::int64_t> spent;  // for good: every outcome is known or fenced off
};

}  // namespace kulanz::app
