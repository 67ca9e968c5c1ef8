#include "service/app/event_outbox.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "service/app/event_dispatcher.h"
#include "service/app/record_events.h"
#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

std::string IdOf(std::string_view kind, std::string_view what) {
  return std::string(kEventIdPrefix) + ToHex(MemberOf(HashOf(kind, what)));
}

bool Tells(const Dependencies& dependencies, EventType type) {
  return dependencies.events.Has(type);
}

EventType TypeOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kGranted:
      return EventType::kDecisionGranted;
    case Outcome::kDenied:
      return EventType::kDecisionDenied;
    case Outcome::kReview:
      return EventType::kDecisionReview;
    case Outcome::kApologised:
      return EventType::kDecisionApologised;
  }
  return EventType::kDecisionDenied;
}

EventType TypeOf(VoucherEventKind kind) {
  switch (kind) {
    case VoucherEventKind::kIssued:
      return EventType::kVoucherIssued;
    case VoucherEventKind::kReserved:
      return EventType::kVoucherReserved;
    case VoucherEventKind::kReleased:
      return EventType::kVoucherReleased;
    case VoucherEventKind::kRedeemed:
      return EventType::kVoucherRedeemed;
    case VoucherEventKind::kReversed:
      return EventType::kVoucherReversed;
    case VoucherEventKind::kRevoked:
      return EventType::kVoucherRevoked;
    case VoucherEventKind::kReissued:
      return EventType::kVoucherReissued;
    case VoucherEventKind::kExpired:
      return EventType::kVoucherExpired;
  }
  return EventType::kVoucherIssued;
}

Event About(const Decision& decision, EventType type, Instant at) {
  Event event;
  event.type = type;
  event.at = at;
  event.customer = decision.incident.customer;
  event.incident = decision.incident.id;
  event.revision = decision.incident.revision;
  event.incident_type = decision.incident.type;
  event.policy = decision.policy;
  return event;
}

// A hold may be made and ended again under one id, so its time belongs to what happened. Money moves once
// under each id, also when the store has lost that it had.
std::string VoucherEventId(const ports::Key& voucher, const VoucherEvent& happened) {
  std::string what = MemberOf(voucher.hash);
  what += static_cast<char>(happened.kind);
  what += happened.id;
  const bool again = happened.kind == VoucherEventKind::kReserved ||
                     happened.kind == VoucherEventKind::kReleased ||
                     happened.kind == VoucherEventKind::kExpired;
  if (again) {
    what += '\0';
    what += std::to_string(ToMillis(happened.at));
  }
  return IdOf("event-voucher", what);
}

Event AboutVoucher(const ports::Key& key, const Decision& decision, const VoucherLife& after,
                   const VoucherEvent& happened) {
  const VoucherTerms& terms = *decision.voucher;
  Event event = About(decision, TypeOf(happened.kind), happened.at);
  event.id = VoucherEventId(key, happened);
  event.voucher_id = VoucherIdOf(key);
  event.amount = Money::FromMinorUnits(happened.minor_units, terms.amount.currency());
  event.remaining = Money::FromMinorUnits(after.remaining_minor_units, terms.amount.currency());
  event.valid_until = UsableUntil(terms, after);
  event.operation_id = happened.id;
  event.order = happened.order;
  return event;
}

// What was added to a life's events. The list forgets its oldest, so it is counted from its end.
std::vector<VoucherEvent> Added(const VoucherLife& before, const VoucherLife& after) {
  const std::size_t had = before.events.size() + before.events_omitted;
  const std::size_t has = after.events.size() + after.events_omitted;
  const std::size_t added = std::min(has - std::min(had, has), after.events.size());
  return {after.events.end() - static_cast<std::ptrdiff_t>(added), after.events.end()};
}

void Collect(const Dependencies& dependencies, const ports::Key& key, const Decision& decision,
             const std::vector<VoucherEvent>& happened, const VoucherLife& after,
             std::vector<Event>& out) {
  for (const VoucherEvent& event : happened) {
    if (Tells(dependencies, TypeOf(event.kind))) {
      out.push_back(AboutVoucher(key, decision, after, event));
    }
  }
}

void Add(const Dependencies& dependencies, std::vector<Event> events,
         ports::Transaction& transaction) {
  if (events.empty()) {
    return;
  }
  const auto key = OutboxKeyOf(dependencies.keys, transaction.partition, events.front().id);
  const Instant due = events.back().at;
  StoredEvents stored;
  stored.events = std::move(events);
  transaction.writes.emplace_back(
      ports::Put{*key, EncodeEvents(dependencies.codec, *key, stored), std::nullopt});
  transaction.writes.emplace_back(ports::IndexPut{dependencies.keys.Outbox(transaction.partition),
                                                  {MemberOf(key->hash), ToMillis(due)}});
}

}  // namespace

bool WritesEvents(const ports::Transaction& transaction) {
  return std::any_of(transaction.writes.begin(), transaction.writes.end(), [](const auto& write) {
    const auto* put = std::get_if<ports::IndexPut>(&write);
    return put != nullptr && put->index.kind == ports::RecordKind::kOutbox;
  });
}

void HintAtEvents(const Dependencies& dependencies, ports::PartitionId partition) {
  if (dependencies.dispatcher != nullptr) {
    dependencies.dispatcher->Notify(partition);
  }
}

std::optional<ports::Key> OutboxKeyOf(const Keys& keys, ports::PartitionId partition,
                                      std::string_view event_id) {
  if (!event_id.starts_with(kEventIdPrefix)) {
    return std::nullopt;
  }
  const auto bytes = FromHex(event_id.substr(kEventIdPrefix.size()));
  const auto hash = bytes ? KeyHashFrom(*bytes) : std::nullopt;
  return hash ? std::optional(keys.Events(partition, *hash)) : std::nullopt;
}

void AddDecisionEvents(const Dependencies& dependencies, const CaseKeys& keys,
                       const PendingDecision& pending, ports::Transaction& transaction) {
  if (dependencies.events.empty()) {
    return;
  }
  const Decision& decision = pending.stored.decision;
  std::vector<Event> events;
  if (const EventType type = TypeOf(decision.outcome); Tells(dependencies, type)) {
    Event event = About(decision, type, decision.decided_at);
    // What is decided once a breaker lets it go is another event than that it was held.
    event.id =
        IdOf(pending.is_release ? "event-release" : "event-decision", MemberOf(pending.key.hash));
    event.reason = decision.reason;
    event.amount = decision.voucher ? std::optional(decision.voucher->amount) : decision.proposed;
    events.push_back(std::move(event));
  }
  if (pending.voucher && Tells(dependencies, EventType::kVoucherIssued)) {
    VoucherEvent issued;
    issued.at = decision.decided_at;
    issued.minor_units = decision.voucher->amount.minor_units();
    events.push_back(AboutVoucher(keys.voucher, decision, *pending.voucher, issued));
  }
  Add(dependencies, std::move(events), transaction);
}

void AddVoucherEvents(const Dependencies& dependencies, const VoucherFile& before,
                      const VoucherLife& after, ports::Transaction& transaction) {
  if (dependencies.events.empty()) {
    return;
  }
  std::vector<Event> events;
  Collect(dependencies, before.key, before.decision.decision, Added(before.stored, after), after,
          events);
  Add(dependencies, std::move(events), transaction);
}

void AddReissueEvents(const Dependencies& dependencies, const VoucherLife& before,
                      const VoucherFile& old, const VoucherFile& next,
                      ports::Transaction& transaction) {
  if (dependencies.events.empty()) {
    return;
  }
  std::vector<Event> events;
  // The life goes on in the new one, with its events; the old one keeps the last of them alone.
  Collect(dependencies, old.key, old.decision.decision, Added(before, next.stored), old.stored,
          events);
  for (Event& event : events) {
    if (event.type == EventType::kVoucherReissued) {
      event.reissued_as = VoucherIdOf(next.key);
    }
  }
  Add(dependencies, std::move(events), transaction);
}

// A breaker trips again and again, and ids of releases may come again: the time belongs to what happened.
void AddBreakerEvent(const Dependencies& dependencies, EventType type, const StoredBreaker& breaker,
                     ports::Transaction& transaction) {
  if (!Tells(dependencies, type)) {
    return;
  }
  Event event;
  event.type = type;
  event.breaker = breaker.name;
  if (type == EventType::kBreakerTripped) {
    event.at = breaker.trip->at;
    event.gestures = breaker.trip->counted.gestures;
    if (const auto currency = Currency::FromCode(breaker.currency)) {
      event.amount = Money::FromMinorUnits(breaker.trip->counted.minor_units, *currency);
    }
  } else {
    event.at = breaker.release->at;
    event.operation_id = breaker.release->request_id;
    event.per_minute = breaker.release->per_minute;
    event.dismissed = breaker.release->dismiss;
  }
  std::string what = std::to_string(ToMillis(event.at));
  for (const std::string_view part : {EventTypeName(type), std::string_view(breaker.name),
                                      std::string_view(event.operation_id)}) {
    what += '\0';
    what += part;
  }
  event.id = IdOf("event-breaker", what);
  Add(dependencies, {std::move(event)}, transaction);
}

WithdrawalEvents::WithdrawalEvents(const Dependencies& dependencies, const ports::Key& case_head,
                                   const Decision& first, Instant at)
    : dependencies_(dependencies) {
  if (Tells(dependencies, EventType::kIncidentWithdrawn)) {
    Event event = About(first, EventType::kIncidentWithdrawn, at);
    event.id = IdOf("event-withdrawal", MemberOf(case_head.hash));
    events_.push_back(std::move(event));
  }
}

void WithdrawalEvents::Revoked(const ports::Key& voucher, const Decision& decision,
                               const VoucherLife& before, const VoucherLife& after) {
  Collect(dependencies_, voucher, decision, Added(before, after), after, events_);
}

void WithdrawalEvents::AddTo(ports::Transaction& transaction) && {
  Add(dependencies_, std::move(events_), transaction);
}

}  // namespace kulanz::app
