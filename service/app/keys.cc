#include "service/app/keys.h"

#include <algorithm>
#include <string>

#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

constexpr std::string_view kCustomerKind = "customer";
constexpr std::string_view kIncidentKind = "incident";

std::string_view HashBytes(const ports::KeyHash& hash) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

ports::KeyHash HashOf(std::string_view kind, std::string_view id) {
  std::string text;
  text.reserve(16 + kind.size() + id.size());
  text += "kulanz/";
  text += kind;
  text += "/v1";
  text += '\0';
  text += id;
  const Sha256Digest digest = Sha256(text);
  ports::KeyHash hash;
  std::copy_n(digest.begin(), hash.size(), hash.begin());
  return hash;
}

ports::KeyHash HashOf(const CustomerId& customer) { return HashOf(kCustomerKind, customer.text()); }
ports::KeyHash HashOf(const IncidentId& incident) { return HashOf(kIncidentKind, incident.text()); }

ports::KeyHash HashOf(const IncidentId& incident, std::uint32_t revision) {
  return HashOf("incident-revision", incident.text() + '\0' + std::to_string(revision));
}

ports::PartitionId Keys::PartitionOf(const ports::KeyHash& hash) const {
  const auto number = static_cast<std::uint32_t>((hash[0] << 8) | hash[1]);
  return {static_cast<std::uint16_t>(number & mask_)};
}

ports::PartitionId Keys::PartitionOf(const CustomerId& customer) const {
  return PartitionOf(HashOf(customer));
}

ports::Key Keys::Claim(const IncidentId& incident) const {
  const ports::KeyHash hash = HashOf(incident);
  return {PartitionOf(hash), ports::RecordKind::kClaim, hash};
}

ports::Key Keys::Claim(const IncidentId& incident, std::uint32_t revision) const {
  return {PartitionOf(HashOf(incident)), ports::RecordKind::kClaim, HashOf(incident, revision)};
}

ports::Key Keys::Profile(const CustomerId& customer) const {
  const ports::KeyHash hash = HashOf(customer);
  return {PartitionOf(hash), ports::RecordKind::kProfile, hash};
}

ports::Key Keys::HistoryOf(const CustomerId& customer) const {
  const ports::KeyHash hash = HashOf(customer);
  return {PartitionOf(hash), ports::RecordKind::kHistory, hash};
}

ports::Key Keys::DecisionIndex(const CustomerId& customer) const {
  const ports::KeyHash hash = HashOf(customer);
  return {PartitionOf(hash), ports::RecordKind::kDecisionIndex, hash};
}

ports::Key Keys::Decision(ports::PartitionId partition, const IncidentId& incident) const {
  return Decision(partition, HashOf(incident));
}

ports::Key Keys::Decision(ports::PartitionId partition, const ports::KeyHash& incident) const {
  return {partition, ports::RecordKind::kDecision, incident};
}

ports::Key Keys::Voucher(ports::PartitionId partition, const ports::KeyHash& code_hash) const {
  return {partition, ports::RecordKind::kVoucher, code_hash};
}

ports::Key Keys::Apology(ports::PartitionId partition, const ports::KeyHash& decision) const {
  return {partition, ports::RecordKind::kApology, decision};
}

std::string VoucherIdOf(const ports::Key& voucher) {
  const std::string bytes = {static_cast<char>(voucher.partition.number >> 8),
                             static_cast<char>(voucher.partition.number & 0xff)};
  return ToHex(bytes + MemberOf(voucher.hash));
}

std::optional<ports::Key> Keys::VoucherFromId(std::string_view id) const {
  const auto bytes = FromHex(id);
  if (!bytes || bytes->size() != 18) {
    return std::nullopt;
  }
  const auto byte = [&bytes](std::size_t at) { return static_cast<std::uint8_t>((*bytes)[at]); };
  const auto number = static_cast<std::uint16_t>((byte(0) << 8) | byte(1));
  if (number >= partition_count()) {
    return std::nullopt;
  }
  return Voucher({number}, *KeyHashFrom(std::string_view(*bytes).substr(2)));
}

ports::Key Keys::Expiries(ports::PartitionId partition) const {
  return {partition, ports::RecordKind::kExpiry, ports::KeyHash{}};
}

ports::Key Keys::Events(ports::PartitionId partition, const ports::KeyHash& first_event) const {
  return {partition, ports::RecordKind::kEvents, first_event};
}

ports::Key Keys::Outbox(ports::PartitionId partition) const {
  return {partition, ports::RecordKind::kOutbox, ports::KeyHash{}};
}

ports::Key Keys::DeadLetters(ports::PartitionId partition) const {
  return {partition, ports::RecordKind::kDeadLetters, ports::KeyHash{}};
}

ports::Key Keys::DeadEvents(ports::PartitionId partition) const {
  return {partition, ports::RecordKind::kDeadEvents, ports::KeyHash{}};
}

ports::Key Keys::Liability(ports::PartitionId partition, std::string_view currency) const {
  return {partition, ports::RecordKind::kLiability, HashOf("liability", currency)};
}

ports::Key Keys::LiabilityCurrencies(ports::PartitionId partition) const {
  return {partition, ports::RecordKind::kLiabilityIndex, ports::KeyHash{}};
}

ports::Key Keys::Agenda(ports::PartitionId partition) const {
  return {partition, ports::RecordKind::kAgenda, ports::KeyHash{}};
}

ports::Key Keys::Budget(std::string_view period) const {
  const ports::KeyHash hash = HashOf("budget", period);
  return {PartitionOf(hash), ports::RecordKind::kBudget, hash};
}

ports::Key Keys::LeaseCounter(ports::PartitionId partition, std::string_view lease) const {
  return {partition, ports::RecordKind::kLeaseCounter, HashOf("lease", lease)};
}

ports::Key Keys::Pool(std::string_view pool) const {
  const ports::KeyHash hash = HashOf("pool", pool);
  return {PartitionOf(hash), ports::RecordKind::kPool, hash};
}

ports::Key Keys::PoolCode(ports::PartitionId partition, const ports::KeyHash& code_hash) const {
  return {partition, ports::RecordKind::kPoolCode, code_hash};
}

ports::Key Keys::PoolCodeHome(const ports::KeyHash& code_hash) const {
  return PoolCode(PartitionOf(code_hash), code_hash);
}

ports::Key Keys::PoolShelf(ports::PartitionId partition, std::string_view pool) const {
  return {partition, ports::RecordKind::kPoolShelf, HashOf("pool", pool)};
}

ports::Key Keys::PoolArrivals(ports::PartitionId partition, std::string_view pool) const {
  return {partition, ports::RecordKind::kPool, HashOf("pool-arrivals", pool)};
}

ports::Key Keys::Breaker(std::string_view name) const {
  return {BreakerIndex().partition, ports::RecordKind::kBreaker, HashOf("breaker", name)};
}

ports::Key Keys::BreakerIndex() const {
  const ports::KeyHash hash = HashOf("breaker-index", "");
  return {PartitionOf(hash), ports::RecordKind::kBreakerIndex, hash};
}

ports::Key Keys::Held(ports::PartitionId partition, std::string_view breaker) const {
  return {partition, ports::RecordKind::kHeld, HashOf("breaker", breaker)};
}

ports::Key Keys::PoolTransit(ports::PartitionId partition, std::string_view pool) const {
  return {partition, ports::RecordKind::kPoolTransit, HashOf("pool", pool)};
}

std::string MemberOf(const ports::KeyHash& hash) { return std::string(HashBytes(hash)); }

std::optional<ports::KeyHash> KeyHashFrom(std::string_view bytes) {
  ports::KeyHash hash;
  if (bytes.size() != hash.size()) {
    return std::nullopt;
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace kulanz::app
