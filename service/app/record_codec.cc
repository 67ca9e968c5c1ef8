#include "service/app/record_codec.h"

#include <algorithm>

#include "kulanz/record/v1/record.pb.h"
#include "service/app/keys.h"
#include "service/app/record_fields.h"
#include "service/app/record_known_fields.h"
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

// Vouchers and apologies call the fields of their letter's progress the same.
template <typename Record>
void WriteProgress(const DeliveryProgress& progress, Record& out) {
  out.set_delivery_state(static_cast<std::uint32_t>(progress.state));
  out.set_delivery_attempts(progress.attempts);
  out.set_delivery_updated_at_ms(ToMillis(progress.updated_at));
  out.set_delivery_error(progress.last_error);
}

template <typename Record>
bool ReadProgress(const Record& in, DeliveryProgress& progress) {
  progress.attempts = in.delivery_attempts();
  progress.updated_at = InstantFromMillis(in.delivery_updated_at_ms());
  progress.last_error = in.delivery_error();
  return ReadRecordEnum(in.delivery_state(), DeliveryState::kCancelled, progress.state);
}

// How the case went on, in the decision of its first revision; where that is, in later ones.
void WriteCase(const StoredDecision& stored, pb::Decision& out) {
  for (const LaterRevision& later : stored.later) {
    pb::LaterRevision& entry = *out.add_later();
    entry.set_revision(later.revision);
    if (later.voucher_key) {
      entry.set_voucher_key(MemberOf(*later.voucher_key));
    }
    entry.set_apologised(later.apologised);
  }
  if (stored.given && (!stored.later.empty() || !stored.decision.voucher)) {
    WriteMoney(*stored.given, *out.mutable_given());
  }
  if (stored.withdrawn) {
    out.mutable_withdrawn()->set_at_ms(ToMillis(stored.withdrawn->at));
    out.mutable_withdrawn()->set_reason(stored.withdrawn->reason);
  }
  if (stored.first_key) {
    out.set_first_key(MemberOf(*stored.first_key));
  }
}

// A hash that may be absent. False when it is no hash.
bool ReadHash(const std::string& in, std::optional<ports::KeyHash>& out) {
  out = KeyHashFrom(in);
  return out.has_value() || in.empty();
}

bool ReadCase(const pb::Decision& in, StoredDecision& stored) {
  for (const pb::LaterRevision& entry : in.later()) {
    LaterRevision& later = stored.later.emplace_back();
    later.revision = entry.revision();
    later.apologised = entry.apologised();
    if (!ReadHash(entry.voucher_key(), later.voucher_key)) {
      return false;
    }
  }
  if (!ReadHash(in.first_key(), stored.first_key) ||
      !ReadHash(in.voucher_key(), stored.voucher_key)) {
    return false;
  }
  if (in.has_withdrawn()) {
    stored.withdrawn =
        Withdrawal{InstantFromMillis(in.withdrawn().at_ms()), in.withdrawn().reason()};
  }
  if (in.has_given()) {
    stored.given = ReadMoney(in.given());
    return stored.given.has_value();
  }
  // Unless it says otherwise, what the first revision gave is all.
  if (stored.decision.voucher && !stored.first_key) {
    stored.given = stored.decision.voucher->amount;
  }
  return true;
}

// The id of another voucher of the same partition.
std::string IdOfOther(ports::Key key, const std::optional<ports::KeyHash>& other) {
  key.hash = other.value_or(ports::KeyHash{});
  return other ? VoucherIdOf(key) : std::string();
}

}  // namespace

RecordCodec::RecordCodec(std::vector<DatedKey> mac_keys)
    : mac_keys_(std::make_unique<Published<MacKeys>>(MacKeys(std::move(mac_keys)))) {}

RecordCodec::RecordCodec(HmacKey mac_key)
    : RecordCodec([&mac_key] {
        std::vector<DatedKey> keys;
        keys.push_back({"record", kMinInstant, std::move(mac_key)});
        return keys;
      }()) {}

void RecordCodec::Replace(std::vector<DatedKey> mac_keys) {
  MacKeys next(std::move(mac_keys));
  const DatedKey* const same = next.ring.Find(sealing_id());
  KULANZ_CHECK(same != nullptr, "records are sealed with a key that stays");
  next.sealing.store(same);
  mac_keys_->Replace(std::move(next));
}

void RecordCodec::UseAt(Instant now) const {
  const MacKeys& keys = mac_keys_->Current();
  if (const DatedKey* const key = keys.ring.At(now)) {
    keys.sealing.store(key, std::memory_order_release);
  }
}

std::string RecordCodec::sealing_id() const {
  return mac_keys_->Current().sealing.load(std::memory_order_acquire)->id;
}

std::string RecordCodec::Seal(const ports::Key& key, std::string_view payload) const {
  const auto key_bytes = KeyBytes(key);
  const DatedKey* const sealing = mac_keys_->Current().sealing.load(std::memory_order_acquire);
  const Sha256Digest mac = sealing->key.Sign({{key_bytes.data(), key_bytes.size()}, payload});
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
  const MacKeys& keys = mac_keys_->Current();
  const auto fits = [&](const DatedKey& mac_key) {
    const Sha256Digest mac = mac_key.key.Sign({{key_bytes.data(), key_bytes.size()}, payload});
    return ConstantTimeEquals(AsView(mac).substr(0, kMacBytes), stored.substr(0, kMacBytes));
  };
  // Nearly always it is the one of now.
  const DatedKey* const likely = keys.sealing.load(std::memory_order_acquire);
  if (fits(*likely)) {
    return payload;
  }
  for (auto other = keys.ring.keys().rbegin(); other != keys.ring.keys().rend(); ++other) {
    if (&*other != likely && fits(*other)) {
      return payload;
    }
  }
  return {};
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
  record.set_revision(claim.revision);
  return Seal(key, record.SerializeAsString());
}

std::string RecordCodec::Encode(const ports::Key& key, const StoredDecision& stored) const {
  pb::Decision record;
  WriteDecision(stored.decision, record);
  WriteCase(stored, record);
  if (stored.voucher_key) {
    record.set_voucher_key(MemberOf(*stored.voucher_key));
  }
  return Seal(key, record.SerializeAsString());
}

std::string RecordCodec::Encode(const ports::Key& key, const StoredVoucher& voucher) const {
  pb::Voucher record;
  record.set_incident_hash(MemberOf(voucher.incident));
  WriteVoucherLife(voucher, record);
  record.set_secret_id(voucher.secret_id);
  record.set_revision(voucher.revision);
  record.set_pool_code(voucher.pool_code);
  record.set_issue(voucher.issue);
  record.set_long_code(voucher.long_code);
  if (voucher.successor) {
    record.set_successor(MemberOf(*voucher.successor));
  }
  if (voucher.predecessor) {
    record.set_predecessor(MemberOf(*voucher.predecessor));
  }
  WriteProgress(voucher.delivery, record);
  return Seal(key, record.SerializeAsString());
}

std::string RecordCodec::Encode(const ports::Key& key, const StoredApology& apology) const {
  pb::Apology record;
  record.set_withdrawn(apology.withdrawn);
  WriteProgress(apology.delivery, record);
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
    out.set_reporter(static_cast<std::uint32_t>(gesture.reporter));
    out.mutable_keys()->Add(gesture.keys.begin(), gesture.keys.end());
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
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Claim>(payload));
  pb::Claim record;
  if (!record.ParseFromString(payload)) {
    return Corrupt(key, "is not a claim");
  }
  const auto customer = KeyHashFrom(record.customer_hash());
  if (!customer) {
    return Corrupt(key, "names no customer");
  }
  return Claim{*customer, record.fingerprint(), record.fingerprint_version(), record.revision()};
}

Result<StoredDecision> RecordCodec::DecodeDecision(const ports::Key& key,
                                                   std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Decision>(payload));
  pb::Decision record;
  StoredDecision result;
  if (!record.ParseFromString(payload) || !ReadDecision(record, result.decision) ||
      !ReadCase(record, result)) {
    return Corrupt(key, "is not a decision");
  }
  if (result.voucher_key.has_value() != result.decision.voucher.has_value()) {
    return Corrupt(key, "is half a grant");
  }
  return result;
}

Result<StoredVoucher> RecordCodec::DecodeVoucher(const ports::Key& key,
                                                 std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Voucher>(payload));
  pb::Voucher record;
  if (!record.ParseFromString(payload)) {
    return Corrupt(key, "is not a voucher");
  }
  const auto incident = KeyHashFrom(record.incident_hash());
  StoredVoucher voucher;
  if (!incident || !ReadVoucherLife(record, voucher) || !ReadProgress(record, voucher.delivery) ||
      !ReadHash(record.successor(), voucher.successor) ||
      !ReadHash(record.predecessor(), voucher.predecessor)) {
    return Corrupt(key, "is no voucher of this version");
  }
  voucher.incident = *incident;
  voucher.secret_id = record.secret_id();
  voucher.revision = record.revision();
  voucher.pool_code = record.pool_code();
  voucher.issue = record.issue();
  voucher.long_code = record.long_code();
  return voucher;
}

Result<StoredApology> RecordCodec::DecodeApology(const ports::Key& key,
                                                 std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Apology>(payload));
  pb::Apology record;
  StoredApology apology;
  if (!record.ParseFromString(payload) || !ReadProgress(record, apology.delivery)) {
    return Corrupt(key, "is no apology of this version");
  }
  apology.withdrawn = record.withdrawn();
  return apology;
}

Result<History> RecordCodec::DecodeHistory(const ports::Key& key, std::string_view stored) const {
  History history;
  if (stored.empty()) {
    return history;
  }
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::History>(payload));
  pb::History record;
  if (!record.ParseFromString(payload)) {
    return Corrupt(key, "is not a history");
  }
  history.gestures.reserve(static_cast<std::size_t>(record.gestures_size()));
  for (const pb::Gesture& gesture : record.gestures()) {
    const auto amount = ReadMoney(gesture.amount());
    Reporter reporter = Reporter::kSystem;
    if (!amount || !ReadRecordEnum(gesture.reporter(), Reporter::kCustomer, reporter)) {
      return Corrupt(key, "holds no amount, or a reporter that is not known");
    }
    history.gestures.push_back({.incident = IncidentId(gesture.incident()),
                                .policy = PolicyId(gesture.policy()),
                                .at = InstantFromMillis(gesture.at_ms()),
                                .amount = *amount,
                                .once_per = gesture.once_per(),
                                .reporter = reporter,
                                .keys = {gesture.keys().begin(), gesture.keys().end()}});
  }
  return history;
}

Result<Customer> RecordCodec::DecodeCustomer(const ports::Key& key, std::string_view stored) const {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Customer>(payload));
  pb::Customer record;
  Customer customer;
  if (!record.ParseFromString(payload) || !ReadCustomer(record, customer)) {
    return Corrupt(key, "is not a customer");
  }
  return customer;
}

Voucher Join(const StoredVoucher& stored, const Decision& decision, const ports::Key& key) {
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
                  .delivery = stored.delivery,
                  .id = VoucherIdOf(key),
                  .life = stored,
                  .reissued_as = IdOfOther(key, stored.successor),
                  .reissued_from = IdOfOther(key, stored.predecessor)};
  if (voucher.delivery.updated_at == Instant{}) {
    voucher.delivery.updated_at = decision.decided_at;
  }
  return voucher;
}

}  // namespace kulanz::app
