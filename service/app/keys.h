// Keys: which partition and key a record lives under.
//
// Keys hold the first 16 bytes of a SHA-256 over "kulanz/<kind>/v1" NUL id, never the id itself.
// Thread-safety: immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/domain/ids.h"
#include "service/domain/voucher_code.h"
#include "service/ports/store.h"

namespace kulanz::app {

ports::KeyHash HashOf(std::string_view kind, std::string_view id);
ports::KeyHash HashOf(const CustomerId& customer);
ports::KeyHash HashOf(const IncidentId& incident);
// For what belongs to one revision of an incident, unless it is the one that was reported first.
ports::KeyHash HashOf(const IncidentId& incident, std::uint32_t revision);

// A hash as a member of an index or a field of a record, and back; nothing unless it has 16 bytes.
std::string MemberOf(const ports::KeyHash& hash);
std::optional<ports::KeyHash> KeyHashFrom(std::string_view bytes);

// Names a voucher without being worth anything: 36 hexadecimal digits.
std::string VoucherIdOf(const ports::Key& voucher);

class Keys {
 public:
  // `partition_count`: the store's, a power of two.
  explicit Keys(std::uint32_t partition_count) : mask_(partition_count - 1) {}

  std::uint32_t partition_count() const { return mask_ + 1; }

  // Everything of one customer is in one partition; `hash` is HashOf the customer.
  ports::PartitionId PartitionOf(const CustomerId& customer) const;
  ports::PartitionId PartitionOf(const ports::KeyHash& hash) const;

  // Of the revision that was reported first; the others' are in the same partition.
  ports::Key Claim(const IncidentId& incident) const;
  ports::Key Claim(const IncidentId& incident, std::uint32_t revision) const;
  ports::Key Profile(const CustomerId& customer) const;
  ports::Key HistoryOf(const CustomerId& customer) const;
  ports::Key DecisionIndex(const CustomerId& customer) const;
  ports::Key Decision(ports::PartitionId partition, const IncidentId& incident) const;
  ports::Key Decision(ports::PartitionId partition, const ports::KeyHash& incident) const;
  ports::Key Voucher(ports::PartitionId partition, const ports::KeyHash& code_hash) const;
  ports::Key Apology(ports::PartitionId partition, const ports::KeyHash& decision) const;
  // Of this store; nothing when `id` is not what VoucherIdOf gives.
  std::optional<ports::Key> VoucherFromId(std::string_view id) const;
  ports::Key Agenda(ports::PartitionId partition) const;
  ports::Key Expiries(ports::PartitionId partition) const;
  ports::Key Events(ports::PartitionId partition, const ports::KeyHash& first_event) const;
  ports::Key Outbox(ports::PartitionId partition) const;
  // Members are those of the agenda, and of the outbox.
  ports::Key DeadLetters(ports::PartitionId partition) const;
  ports::Key DeadEvents(ports::PartitionId partition) const;
  ports::Key Liability(ports::PartitionId partition, std::string_view currency) const;
  ports::Key LiabilityCurrencies(ports::PartitionId partition) const;
  ports::Key Budget(std::string_view period) const;  // the period's canonical name
  ports::Key LeaseCounter(ports::PartitionId partition, std::string_view lease) const;
  ports::Key Pool(std::string_view pool) const;
  ports::Key PoolCode(ports::PartitionId partition, const ports::KeyHash& code_hash) const;
  // Where a code is imported, whatever becomes of it.
  ports::Key PoolCodeHome(const ports::KeyHash& code_hash) const;
  ports::Key PoolShelf(ports::PartitionId partition, std::string_view pool) const;
  ports::Key PoolTransit(ports::PartitionId partition, std::string_view pool) const;
  // Written whenever codes have been moved to the partition: its version tells whether any were.
  ports::Key PoolArrivals(ports::PartitionId partition, std::string_view pool) const;
  // All breakers are in one partition, so that a server reads them in one trip.
  ports::Key Breaker(std::string_view name) const;
  ports::Key BreakerIndex() const;
  ports::Key Held(ports::PartitionId partition, std::string_view breaker) const;

 private:
  std::uint32_t mask_;
};

}  // namespace kulanz::app
