#include "service/app/record_events.h"

#include <optional>
#include <utility>

#include "kulanz/record/v1/events.pb.h"
#include "service/app/record_fields.h"
#include "service/app/record_known_fields.h"
#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

constexpr auto kLastEventType = static_cast<EventType>(kEventTypeNames.size() - 1);

Status NoEvents() {
  return Status(Code::kDataLoss, "RECORD_CORRUPT", "a stored record of kind 'e' is no events");
}

void WriteEvent(const Event& event, pb::Event& out) {
  out.set_id(FromHex(std::string_view(event.id).substr(kEventIdPrefix.size())).value_or(""));
  out.set_type(static_cast<std::uint32_t>(event.type));
  out.set_at_ms(ToMillis(event.at));
  out.set_customer(event.customer.text());
  out.set_incident(event.incident.text());
  out.set_revision(event.revision);
  out.set_incident_type(event.incident_type);
  out.set_policy(event.policy.text());
  out.set_reason(event.reason);
  if (event.amount) {
    WriteMoney(*event.amount, *out.mutable_amount());
  }
  out.set_voucher_id(event.voucher_id);
  if (event.remaining) {
    WriteMoney(*event.remaining, *out.mutable_remaining());
  }
  if (event.valid_until) {
    out.set_valid_until_ms(ToMillis(*event.valid_until));
  }
  out.set_operation_id(event.operation_id);
  out.set_order(event.order.text());
  out.set_reissued_as(event.reissued_as);
  out.set_breaker(event.breaker);
  out.set_gestures(event.gestures);
  out.set_per_minute(event.per_minute);
  out.set_dismissed(event.dismissed);
}

bool ReadEvent(const pb::Event& in, Event& event) {
  if (in.id().size() != ports::KeyHash{}.size() ||
      !ReadRecordEnum(in.type(), kLastEventType, event.type)) {
    return false;
  }
  event.id = std::string(kEventIdPrefix) + ToHex(in.id());
  event.at = InstantFromMillis(in.at_ms());
  event.customer = CustomerId(in.customer());
  event.incident = IncidentId(in.incident());
  event.revision = in.revision();
  event.incident_type = in.incident_type();
  event.policy = PolicyId(in.policy());
  event.reason = in.reason();
  event.voucher_id = in.voucher_id();
  if (in.has_valid_until_ms()) {
    event.valid_until = InstantFromMillis(in.valid_until_ms());
  }
  event.operation_id = in.operation_id();
  event.order = OrderId(in.order());
  event.reissued_as = in.reissued_as();
  event.breaker = in.breaker();
  event.gestures = in.gestures();
  event.per_minute = in.per_minute();
  event.dismissed = in.dismissed();
  return ReadOptionalMoney(in.has_amount(), in.amount(), event.amount) &&
         ReadOptionalMoney(in.has_remaining(), in.remaining(), event.remaining);
}

}  // namespace

StoredEvents DeadOnly(const StoredEvents& done) {
  StoredEvents left;
  left.resent_at = done.resent_at;
  for (DeadEvent dead : done.dead) {
    left.events.push_back(done.events[dead.event]);
    dead.event = left.told++;
    left.dead.push_back(std::move(dead));
  }
  return left;
}

std::string EncodeEvents(const RecordCodec& codec, const ports::Key& key,
                         const StoredEvents& events) {
  pb::Events out;
  for (const Event& event : events.events) {
    WriteEvent(event, *out.add_events());
  }
  out.set_told(events.told);
  out.set_attempts(events.attempts);
  for (const DeadEvent& dead : events.dead) {
    pb::DeadEvent& each = *out.add_dead();
    each.set_event(dead.event);
    each.set_reason(dead.reason);
    each.set_attempts(dead.attempts);
    each.set_at_ms(ToMillis(dead.at));
  }
  if (events.resent_at) {
    out.set_resent_at_ms(ToMillis(*events.resent_at));
  }
  return codec.Seal(key, out.SerializeAsString());
}

Result<StoredEvents> DecodeEvents(const RecordCodec& codec, const ports::Key& key,
                                  std::string_view stored) {
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, codec.Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Events>(payload));
  pb::Events in;
  if (!in.ParseFromString(payload)) {
    return NoEvents();
  }
  StoredEvents events;
  for (const pb::Event& event : in.events()) {
    if (!ReadEvent(event, events.events.emplace_back())) {
      return NoEvents();
    }
  }
  events.told = in.told();
  events.attempts = in.attempts();
  for (const pb::DeadEvent& dead : in.dead()) {
    if (dead.event() >= events.events.size()) {
      return NoEvents();
    }
    events.dead.push_back(
        {dead.event(), dead.reason(), dead.attempts(), InstantFromMillis(dead.at_ms())});
  }
  if (in.resent_at_ms() != 0) {
    events.resent_at = InstantFromMillis(in.resent_at_ms());
  }
  if (events.told > events.events.size() || (events.done() && events.dead.empty())) {
    return NoEvents();
  }
  return events;
}

}  // namespace kulanz::app
