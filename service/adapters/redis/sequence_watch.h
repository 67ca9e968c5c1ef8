// SequenceWatch: notices when the store forgot what it had acknowledged.
//
// Every writing transaction increments its partition's sequence number. Whoever asks notes the floor
// first, the highest number that was acknowledged by then; a later answer below that floor means that
// acknowledged writes are gone (a failover, a restored backup, a truncated file).
// Thread-safety: any method from any thread, without locks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "service/ports/store.h"

namespace kulanz::redis {

class SequenceWatch {
 public:
  // To be read before the question is sent.
  std::uint64_t Floor(ports::PartitionId partition) const {
    return highest_[partition.number].load(std::memory_order_acquire);
  }
  // `seen` came back for a question with that floor. False when writes were lost; then `seen` is the
  // new highest number, so that one loss is reported once. `is_kept`: what was seen is acknowledged, so
  // it must never be missing; otherwise it is only held against what was.
  bool Observe(ports::PartitionId partition, std::uint64_t floor, std::uint64_t seen,
               bool is_kept = true) {
    std::atomic<std::uint64_t>& highest = highest_[partition.number];
    std::uint64_t known = highest.load(std::memory_order_acquire);
    // Only the first of several answers that notice the same loss lowers the mark and reports it.
    while (seen < floor && known >= floor) {
      if (highest.compare_exchange_weak(known, seen)) {
        return false;
      }
    }
    while (is_kept && known < seen && !highest.compare_exchange_weak(known, seen)) {
    }
    return true;
  }

 private:
  std::array<std::atomic<std::uint64_t>, ports::kPartitionsMax> highest_{};
};

}  // namespace kulanz::redis
