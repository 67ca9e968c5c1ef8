#include "service/app/record_codec.h"

#include <algorithm>

#include "kulanz/record/v1/record.pb.h"
#include "service/app/keys.h"
#include "service/app/record_fields.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

constexpr std::size_t kMacBytes = 8;

// The key's bytes as they enter the MAC.
std::array<char, 19> KeyBytes(const ports::Key& key) {
  std::array<char, 19> bytes{};
  bytes[0] = static_cast<char>(key.partition.number >> 8);
  bytes[1] = static_cast<char>(key.partition.number & 0xff);
  bytes[2] = static_cast<char>(key.kind);
  std::copy(key.hash.begin(), key.hash.end(), bytes.begin() + 3);
  return bytes;
}

Status Corrupt(const ports::Key& key, std::string_view why) {
  const char kind = static_cast<char>(key.kind);
  return Status(Code::kDataLoss, "RECORD_CORRUPT",
                std::string("a stored record of kind '") + kind + "' " + std::string(why))
      .WithMetadata("recordKind", std::string(1, kind));
}

}  // namespace

std::string RecordCodec::Seal(const ports::Key& key, std::string_view payload) const {
  const auto key_bytes = KeyBytes(key);
  const Sha256Digest mac = mac_key_.Sign({{key_bytes.data(), key_bytes.size()}, payload});
  std::string stored(AsView(mac).substr(0, kMacBytes));
  stored += payload;
  return stored;
}

// The payload, or nothing (a view with no data pointer) when the MAC does not fit.
std::string_view RecordCodec::Authentic(const ports::Key& key, std::string_view stored) const {
  if (stored.size() < kMacBytes) {
    return {};
  }
  const auto key_bytes = KeyBytes(key);
  const std::string_view payload = stored.substr(kMacBytes);
  const Sha256Digest mac = mac_key_.Sign({{key_bytes.data(), key_bytes.size()}, payload});
  const bool fits =
      ConstantTimeEquals(AsView(mac).substr(0, kMacBytes), stored.substr(0, kMacBytes));
  return fits ? payload : std::string_view{};
}

Result<std::string> RecordCodec::Open(const ports::Key& key, std::string_view stored) const {
  const std::string_view payload = Authentic(key, stored);
  if (payload.data() == nullptr) {
    return Corrupt(key, "fails its MAC");
  }
  return std::string(payload);
}

std::string RecordCodec::Encode(const ports::Key& key, const Claim& claim) const {
  pb::Claim record;
  record.set_customer_hash(MemberOf(claim.customer));
  record.set_fingerprint(claim.fingerprint);
  record.set_fingerprint_version(claim.fingerprint_version);
  return Seal(key, record.SerializeAsString());
}

std::string RecordCodec::Encode(const ports::Key& key, const StoredDecision& stored) const {
  pb::Decision record;
  WriteDecision(stored.decision, record);
  if (stored.voucher_key) {
    record.set_voucher_key(MemberOf(*stored.voucher_key));
  }
  return Seal(key, record.SerializeAsString());
}

std::string RecordCodec::Encode(const ports::Key& key, const StoredVoucher& voucher) const {
  pb::Voucher record;
  record.set_incident_hash(MemberOf(voucher.incident));
  record.set_state(static_cast<std::uint32_t>(voucher.state));
  record.set_remaining_minor_units(voucher.remaining_minor_units);
  record.set_secret_id(voucher.secret_id);
  for (const Redemption& redemption : voucher.redemptions) {
    pb::Redemption& out = *record.add_redemptions();
    out.set_id(redemption.id.text());
    out.set_order(redemption.order.text());
    WriteMoney(redemption.amount, *out.mutable_amount());
    out.set_at_ms(ToMillis(redemption.at));
  }
  record.set_delivery_state(static_cast<std::uint32_t>(voucher.delivery.state));
  record.set_delivery_attempts(voucher.delivery.attempts);
  record.set_delivery_updated_at_ms(ToMillis(voucher.delivery.updated_at));
  record.set_delivery_error(voucher.delivery.last_error);
  return Seal(key, record.SerializeAsString());
}

std::string RecordCodec::Encode(const ports::Key& key, const History& history) const {
  pb::History record;
  for (const GivenGesture& gesture : history.gestures) {
    pb::Gesture& out = *record.add_gestures();
    out.set_incident(gesture.incident.text());
    out.set_policy(gesture.policy.text());
    out.set_at_ms(ToMillis(gesture.at));
    WriteMoney(gesture.amount, *out.mutable_amount());
    out.set_once_per(gesture.once_per);
  }
  return Seal(key, record.SerializeAsString());
}

std::string RecordCodec::Encode(const ports::Key& key, const Customer& customer) const {
  pb::Customer record;
  WriteCustomer(customer, record);
  return Seal(key, record.SerializeAsString());
}

Result<Claim> RecordCodec::DecodeClaim(const ports::Key& key, std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  pb::Claim record;
  if (!record.ParseFromString(payload)) {
    return Corrupt(key, "is not a claim");
  }
  const auto customer = KeyHashFrom(record.customer_hash());
  if (!customer) {
    return Corrupt(key, "names no customer");
  }
  return Claim{*customer, record.fingerprint(), record.fingerprint_version()};
}

Result<StoredDecision> RecordCodec::DecodeDecision(const ports::Key& key,
                                                   std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  pb::Decision record;
  StoredDecision result;
  if (!record.ParseFromString(payload) || !ReadDecision(record, result.decision)) {
    return Corrupt(key, "is not a decision");
  }
  if (!record.voucher_key().empty()) {
    result.voucher_key = KeyHashFrom(record.voucher_key());
  }
  if (result.voucher_key.has_value() != result.decision.voucher.has_value()) {
    return Corrupt(key, "is half a grant");
  }
  return result;
}

Result<StoredVoucher> RecordCodec::DecodeVoucher(const ports::Key& key,
                                                 std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  pb::Voucher record;
  if (!record.ParseFromString(payload)) {
    return Corrupt(key, "is not a voucher");
  }
  const auto incident = KeyHashFrom(record.incident_hash());
  if (!incident || record.state() > static_cast<std::uint32_t>(VoucherState::kRevoked) ||
      record.delivery_state() > static_cast<std::uint32_t>(DeliveryState::kDead)) {
    return Corrupt(key, "is no voucher of this version");
  }
  StoredVoucher voucher;
  voucher.incident = *incident;
  voucher.state = static_cast<VoucherState>(record.state());
  voucher.remaining_minor_units = record.remaining_minor_units();
  voucher.secret_id = record.secret_id();
  for (const pb::Redemption& redemption : record.redemptions()) {
    const auto amount = ReadMoney(redemption.amount());
    if (!amount) {
      return Corrupt(key, "holds no amount");
    }
    voucher.redemptions.push_back({RedemptionId(redemption.id()), OrderId(redemption.order()),
                                   *amount, InstantFromMillis(redemption.at_ms())});
  }
  voucher.delivery.state = static_cast<DeliveryState>(record.delivery_state());
  voucher.delivery.attempts = record.delivery_attempts();
  voucher.delivery.updated_at = InstantFromMillis(record.delivery_updated_at_ms());
  voucher.delivery.last_error = record.delivery_error();
  return voucher;
}

Result<History> RecordCodec::DecodeHistory(const ports::Key& key, std::string_view stored) const {
  History history;
  if (stored.empty()) {
    return history;
  }
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  pb::History record;
  if (!record.ParseFromString(payload)) {
    return Corrupt(key, "is not a history");
  }
  history.gestures.reserve(static_cast<std::size_t>(record.gestures_size()));
  for (const pb::Gesture& gesture : record.gestures()) {
    const auto amount = ReadMoney(gesture.amount());
    if (!amount) {
      return Corrupt(key, "holds no amount");
    }
    history.gestures.push_back({IncidentId(gesture.incident()), PolicyId(gesture.policy()),
                                InstantFromMillis(gesture.at_ms()), *amount, gesture.once_per()});
  }
  return history;
}

Result<Customer> RecordCodec::DecodeCustomer(const ports::Key& key, std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  pb::Customer record;
  Customer customer;
  if (!record.ParseFromString(payload) || !ReadCustomer(record, customer)) {
    return Corrupt(key, "is not a customer");
  }
  return customer;
}

Voucher Join(const StoredVoucher& stored, const Decision& decision) {
  KULANZ_CHECK(decision.voucher.has_value(), "a voucher belongs to a granted decision");
  const VoucherTerms& terms = *decision.voucher;
  const auto remaining =
      Money::FromMinorUnits(stored.remaining_minor_units, terms.amount.currency());
  KULANZ_CHECK(remaining.has_value(), "a remaining amount is at most the amount");
  Voucher voucher{.incident = decision.incident.id,
                  .customer = decision.incident.customer,
                  .policy = decision.policy,
                  .terms = terms,
                  .issued_at = decision.decided_at,
                  .state = stored.state,
                  .remaining = *remaining,
                  .secret_id = stored.secret_id,
                  .redemptions = stored.redemptions,
                  .delivery_terms = decision.delivery.value_or(DeliveryTerms{}),
                  .delivery = stored.delivery};
  if (voucher.delivery.updated_at == Instant{}) {
    voucher.delivery.updated_at = decision.decided_at;
  }
  return voucher;
}

}  // namespace kulanz::app
