#include "service/app/record_breaker.h"

#include "kulanz/record/v1/breaker.pb.h"
#include "service/app/record_known_fields.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

bool IsInstant(std::int64_t ms) {
  return ms >= ToMillis(kMinInstant) && ms <= ToMillis(kMaxInstant);
}

bool HasInstants(const pb::Breaker& record) {
  for (const pb::Breaker::Bucket& bucket : record.window()) {
    if (!IsInstant(bucket.until_ms())) {
      return false;
    }
  }
  const pb::Breaker::Release& release = record.release();
  return IsInstant(record.trip().at_ms()) && IsInstant(release.at_ms()) &&
         IsInstant(release.lease_until_ms()) && IsInstant(release.paced_until_ms());
}

}  // namespace

std::string Encode(const RecordCodec& codec, const ports::Key& key, const StoredBreaker& breaker) {
  pb::Breaker record;
  record.set_name(breaker.name);
  record.set_currency(breaker.currency);
  for (const BreakerBucket& bucket : breaker.window) {
    pb::Breaker::Bucket& out = *record.add_window();
    out.set_until_ms(ToMillis(bucket.until));
    out.set_gestures(bucket.tally.gestures);
    out.set_minor_units(bucket.tally.minor_units);
  }
  if (breaker.trip) {
    pb::Breaker::Trip& out = *record.mutable_trip();
    out.set_at_ms(ToMillis(breaker.trip->at));
    out.set_gestures(breaker.trip->counted.gestures);
    out.set_minor_units(breaker.trip->counted.minor_units);
  }
  if (breaker.release) {
    const BreakerRelease& release = *breaker.release;
    pb::Breaker::Release& out = *record.mutable_release();
    out.set_request_id(release.request_id);
    out.set_at_ms(ToMillis(release.at));
    out.set_per_minute(release.per_minute);
    out.set_dismiss(release.dismiss);
    out.set_worker(release.worker);
    out.set_lease_until_ms(ToMillis(release.lease_until));
    out.set_paced_until_ms(ToMillis(release.paced_until));
    out.set_done(release.done);
  }
  return codec.Seal(key, record.SerializeAsString());
}

Result<StoredBreaker> DecodeBreaker(const RecordCodec& codec, const ports::Key& key,
                                    std::string_view stored) {
  if (stored.empty()) {
    return StoredBreaker{};
  }
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, codec.Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Breaker>(payload));
  pb::Breaker record;
  if (!record.ParseFromString(payload) || record.name().empty() || !HasInstants(record)) {
    return Status(Code::kDataLoss, "RECORD_CORRUPT",
                  "a stored record of kind 'r' is not a breaker");
  }
  StoredBreaker breaker;
  breaker.name = record.name();
  breaker.currency = record.currency();
  for (const pb::Breaker::Bucket& bucket : record.window()) {
    breaker.window.push_back(
        {InstantFromMillis(bucket.until_ms()),
         {.gestures = bucket.gestures(), .minor_units = bucket.minor_units()}});
  }
  if (record.has_trip()) {
    breaker.trip = BreakerTrip{
        InstantFromMillis(record.trip().at_ms()),
        {.gestures = record.trip().gestures(), .minor_units = record.trip().minor_units()}};
  }
  if (record.has_release()) {
    const pb::Breaker::Release& release = record.release();
    breaker.release = BreakerRelease{.request_id = release.request_id(),
                                     .at = InstantFromMillis(release.at_ms()),
                                     .per_minute = release.per_minute(),
                                     .dismiss = release.dismiss(),
                                     .worker = release.worker(),
                                     .lease_until = InstantFromMillis(release.lease_until_ms()),
                                     .paced_until = InstantFromMillis(release.paced_until_ms()),
                                     .done = release.done()};
  }
  return breaker;
}

}  // namespace kulanz::app
