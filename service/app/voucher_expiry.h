// VoucherExpiry: ends vouchers whose time is over, and tells what the others are worth.
//
// Every voucher that is open has an entry in its partition's agenda of expiries, by the instant after its
// last. Nobody's answer depends on it (domain/voucher_life.h settles by time alone): it moves the outstanding
// liability and writes the event. Each voucher is committed under its version, so any number of servers share
// the work.
//
// Thread-safety: any method from any thread. What `dependencies` refers to must outlive Run().
#pragma once

#include <memory>

#include "service/app/dependencies.h"
#include "service/base/task.h"
#include "service/domain/time.h"
#include "service/domain/voucher_life.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct VoucherExpirySettings {
  Duration poll{
      60'000};  // how often every partition is looked at; the metric is as old as that at most
  Duration store_timeout{5'000};
  std::uint32_t entries = 64;     // taken from a partition at once; more wait for the next turn
  std::size_t in_flight_max = 8;  // partitions at once
};

// The entry of the voucher at `voucher`, in a transaction that changes it.
void ScheduleExpiry(const Keys& keys, const ports::Key& voucher, const VoucherTerms& terms,
                    const VoucherLife& life, ports::Transaction& transaction);
void UnscheduleExpiry(const Keys& keys, const ports::Key& voucher, ports::Transaction& transaction);

class VoucherExpiry {
 public:
  explicit VoucherExpiry(const Dependencies& dependencies, VoucherExpirySettings settings = {});
  ~VoucherExpiry();
  VoucherExpiry(const VoucherExpiry&) = delete;
  VoucherExpiry& operator=(const VoucherExpiry&) = delete;

  // Works until Stop() or until the scheduler stops, and until the turn in hand is finished. Once.
  Task<void> Run();
  // One turn over all partitions. What fails is left for the next.
  Task<void> Turn();
  // Idempotent.
  void Stop();

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace kulanz::app
