#include "service/app/event_dispatcher.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "service/app/dead_events.h"
#include "service/app/delivery_pause.h"
#include "service/app/keys.h"
#include "service/app/parallel.h"
#include "service/app/partition_hints.h"
#include "service/app/record_events.h"
#include "service/app/record_known_fields.h"
#include "service/base/crypto.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

constexpr Duration kUnreadable = std::chrono::hours{1};  // until somebody has mended the record
constexpr std::uint32_t kOutboxEntries = ports::kReadKeysMax;

// An entry of the outbox that is ours until `score`.
struct Claimed {
  ports::Key record;
  std::string member;
  std::int64_t score = 0;
};

}  // namespace

class EventDispatcher::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(const Dependencies& dependencies, ports::EventSink& sink, ports::Entropy& entropy,
       EventDispatcherSettings settings)
      : dependencies_(dependencies),
        sink_(sink),
        entropy_(entropy),
        settings_(settings),
        hints_(dependencies.keys.partition_count(), settings.looks_max) {}

  static Task<void> Run(std::shared_ptr<Core> self);
  static Task<void> Turn(std::shared_ptr<Core> self);
  void Notify(ports::PartitionId partition);
  void Stop() { stopped_ = true; }

 private:
  struct Seen {
    std::mutex mutex;
    std::uint64_t entries = 0;
    Duration oldest_due{0};
  };
  // How an entry goes on: `next` is its new score. Nothing takes it off, with its record unless that is given:
  // then it is what is left of it, to be kept with the dead ones.
  struct Writing {
    std::optional<std::int64_t> next;
    const StoredEvents* record = nullptr;  // when it has changed
  };

  Deadline CallDeadline() const { return dependencies_.scheduler.Now() + settings_.store_timeout; }
  Instant Now(Instant otherwise) const { return dependencies_.store.Now().value_or(otherwise); }
  // Takes up a hint that waits, if there is room for it.
  void TakeHint();
  static Task<void> FollowHint(std::shared_ptr<Core> self, ports::PartitionId partition);
  static Task<void> Look(std::shared_ptr<Core> self, std::shared_ptr<Seen> seen, std::size_t number,
                         Instant now);
  // What is due in one partition, until it is empty.
  static Task<void> Empty(std::shared_ptr<Core> self, ports::PartitionId partition, Instant now);
  static Task<void> Tell(std::shared_ptr<Core> self, Claimed claim, std::string stored);
  // How long a record that does not open is left alone.
  Duration Unreadable(const Claimed& claim, const Status& status) const;
  // Whether the entry was still ours, and is now as `writing` says.
  static Task<bool> Write(std::shared_ptr<Core> self, Claimed* claim, Writing writing);
  std::optional<Duration> Judge(const Event& event, StoredEvents& events,
                                const ports::DeliveryReport& report, Instant now);
  void Done(const Event& event, std::string_view result, StoredEvents& events);

  const Dependencies dependencies_;
  ports::EventSink& sink_;
  ports::Entropy& entropy_;
  const EventDispatcherSettings settings_;
  std::atomic<bool> stopped_{false};
  std::uint32_t turns_ = 0;  // of Turn(), which runs once at a time
  PartitionHints hints_;
};

void EventDispatcher::Core::Notify(ports::PartitionId partition) {
  if (!sink_.Held() && hints_.Add(partition)) {
    TakeHint();
  }
}

void EventDispatcher::Core::TakeHint() {
  if (const auto partition = hints_.Take()) {
    SpawnThen(FollowHint(shared_from_this(), *partition), [self = shared_from_this()] {
      self->hints_.Done();
      self->TakeHint();
    });
  }
}

Task<void> EventDispatcher::Core::FollowHint(std::shared_ptr<Core> self,
                                             ports::PartitionId partition) {
  if (!self->hints_.Begin(partition)) {
    co_return;
  }
  bool again = true;
  while (again) {
    if (const auto now = self->dependencies_.store.Now()) {
      co_await Empty(self, partition, *now);
    }
    again = self->hints_.End(partition);
  }
}

Task<bool> EventDispatcher::Core::Write(std::shared_ptr<Core> self, Claimed* claim,
                                        Writing writing) {
  const Dependencies& dependencies = self->dependencies_;
  const ports::Key outbox = dependencies.keys.Outbox(claim->record.partition);
  ports::Transaction transaction;
  transaction.partition = claim->record.partition;
  transaction.checks.emplace_back(ports::CheckScore{outbox, claim->member, claim->score});
  if (writing.record != nullptr) {
    transaction.writes.emplace_back(
        ports::Put{claim->record, EncodeEvents(dependencies.codec, claim->record, *writing.record),
                   writing.next ? std::nullopt : std::optional(kDeadEventsKept)});
  }
  if (writing.next) {
    transaction.writes.emplace_back(ports::IndexPut{outbox, {claim->member, *writing.next}});
  } else {
    transaction.writes.emplace_back(ports::IndexRemove{outbox, claim->member});
  }
  if (!writing.next && writing.record != nullptr) {
    AddToDeadEvents(dependencies.keys, claim->record, *writing.record, transaction);
  } else if (!writing.next) {
    transaction.writes.emplace_back(ports::Delete{claim->record});
  }
  const auto outcome =
      co_await dependencies.store.Commit(std::move(transaction), self->CallDeadline());
  if (!outcome.ok() || !std::holds_alternative<ports::Committed>(*outcome)) {
    co_return false;  // another's; or nobody knows: then its lease runs out
  }
  claim->score = writing.next.value_or(claim->score);
  co_return true;
}

void EventDispatcher::Core::Done(const Event& event, std::string_view result,
                                 StoredEvents& events) {
  dependencies_.telemetry.EventTold(EventTypeName(event.type), result);
  ++events.told;
  events.attempts = 0;
}

// When there is another attempt: the pause before it. Otherwise the event is done.
std::optional<Duration> EventDispatcher::Core::Judge(const Event& event, StoredEvents& events,
                                                     const ports::DeliveryReport& report,
                                                     Instant now) {
  if (report.result == ports::DeliveryResult::kAccepted) {
    Done(event, "accepted", events);
    return std::nullopt;
  }
  const bool tried = report.result == ports::DeliveryResult::kRetry && report.counts;
  std::optional<Duration> pause =
      std::min(report.retry_after.value_or(settings_.hold), kAskedPauseMax);
  if (tried) {
    std::array<std::uint8_t, 2> chance{};
    entropy_.Fill(chance);
    pause = EventPauseAfter(++events.attempts, report.retry_after,
                            static_cast<std::uint16_t>((chance[0] << 8) | chance[1]));
    if (events.attempts >= settings_.attempts_max) {
      pause = std::nullopt;
    }
  }
  if (report.result == ports::DeliveryResult::kUndeliverable || !pause ||
      now - std::max(event.at, events.resent_at.value_or(event.at)) > settings_.age_max) {
    dependencies_.log.Error("event_dead", "an event was not told and will not be",
                            {{"event", event.id},
                             {"type", std::string(EventTypeName(event.type))},
                             {event.breaker.empty() ? "incident" : "breaker",
                              event.breaker.empty() ? event.incident.text() : event.breaker},
                             {"reason", report.reason}});
    events.dead.push_back({events.told, report.reason, events.attempts, now});
    Done(event, "dead", events);
    return std::nullopt;
  }
  dependencies_.telemetry.EventTold(EventTypeName(event.type), tried ? "retry" : "held");
  if (tried) {
    dependencies_.log.Warning("event_attempt_failed", "an event was not accepted",
                              {{"event", event.id},
                               {"type", std::string(EventTypeName(event.type))},
                               {"reason", report.reason},
                               {"attempt", std::to_string(events.attempts)}});
  }
  return pause;
}

Duration EventDispatcher::Core::Unreadable(const Claimed& claim, const Status& status) const {
  const std::string record = ToHex(MemberOf(claim.record.hash));
  if (IsOfANewerServer(status)) {
    dependencies_.log.Warning("events_newer",
                              "stored events wait for a server of the version that wrote them",
                              {{"record", record}});
    return settings_.hold;
  }
  dependencies_.log.Error("events_unreadable", "stored events cannot be told until somebody acts",
                          {{"record", record}, {"reason", std::string(status.reason())}});
  return kUnreadable;
}

Task<void> EventDispatcher::Core::Tell(std::shared_ptr<Core> self, Claimed claim,
                                       std::string stored) {
  const Instant due = InstantFromMillis(claim.score);
  auto events = DecodeEvents(self->dependencies_.codec, claim.record, stored);
  if (!events.ok()) {
    Writing writing;
    if (!stored.empty()) {
      writing.next = ToMillis(self->Now(due) + self->Unreadable(claim, events.status()));
    }
    co_await Write(self, &claim, writing);
    co_return;
  }
  Writing claiming{ToMillis(self->Now(due) + self->settings_.lease)};
  while (!self->stopped_) {
    const bool ours = co_await Write(self, &claim, claiming);
    if (!ours) {
      co_return;
    }
    Event event = events->events[events->told];
    const Event copy = event;
    const ports::DeliveryReport report = co_await self->sink_.Publish(std::move(event));
    const Instant now = self->Now(due);
    const auto pause = self->Judge(copy, *events, report, now);
    if (pause || events->done()) {
      Writing writing;
      StoredEvents left;
      if (pause) {
        writing = {ToMillis(now + *pause), &*events};
      } else if (!events->dead.empty()) {
        left = DeadOnly(*events);
        writing.record = &left;
      }
      co_await Write(self, &claim, writing);
      co_return;
    }
    claiming = {ToMillis(now + self->settings_.lease), &*events};
  }
}

Task<void> EventDispatcher::Core::Empty(std::shared_ptr<Core> self, ports::PartitionId partition,
                                        Instant now) {
  const Dependencies& dependencies = self->dependencies_;
  ports::IndexRange range;
  range.index = dependencies.keys.Outbox(partition);
  range.score_min = -ports::kStoredIntegerMax;
  range.score_max = ToMillis(now);
  range.limit = kOutboxEntries;
  bool more = true;
  const bool held = self->sink_.Held();
  while (more && !self->stopped_) {
    auto entries = co_await dependencies.store.ReadIndex(range, self->CallDeadline());
    if (!entries.ok() || entries->empty()) {
      co_return;
    }
    std::vector<ports::Key> keys;
    for (const ports::IndexEntry& entry : *entries) {
      keys.push_back(dependencies.keys.Events(
          partition, KeyHashFrom(entry.member).value_or(ports::KeyHash{})));
    }
    const std::vector<ports::Key> copy = keys;
    auto records = co_await dependencies.store.Read(std::move(keys), self->CallDeadline());
    if (!records.ok()) {
      co_return;
    }
    for (std::size_t i = 0; i < entries->size() && !self->stopped_; ++i) {
      if (self->sink_.Held() != held) {
        co_return;
      }
      Claimed claim{copy[i], (*entries)[i].member, (*entries)[i].score};
      co_await Tell(self, std::move(claim), std::move((*records)[i].value));
    }
    more = entries->size() == kOutboxEntries;
  }
}

Task<void> EventDispatcher::Core::Look(std::shared_ptr<Core> self, std::shared_ptr<Seen> seen,
                                       std::size_t number, Instant now) {
  const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
  const ports::Key outbox = self->dependencies_.keys.Outbox(partition);
  const auto summary =
      co_await self->dependencies_.store.SummarizeIndex(outbox, self->CallDeadline());
  if (!summary.ok() || !summary->score_min) {
    co_return;
  }
  const Duration overdue = now - InstantFromMillis(*summary->score_min);
  {
    const std::lock_guard lock(seen->mutex);
    seen->entries += summary->size;
    seen->oldest_due = std::max(seen->oldest_due, overdue);
  }
  // While nothing can be told, only what has become too old for it is looked at: a backlog costs nothing.
  const Duration patience = self->sink_.Held() ? self->settings_.age_max : Duration{0};
  if (overdue >= patience && self->hints_.Begin(partition)) {
    bool again = true;
    while (again) {
      co_await Empty(self, partition, now - patience);
      again = self->hints_.End(partition);
    }
  }
}

Task<void> EventDispatcher::Core::Turn(std::shared_ptr<Core> self) {
  const auto now = self->dependencies_.store.Now();
  if (!now) {
    co_return;
  }
  auto seen = std::make_shared<Seen>();
  std::function<Task<void>(std::size_t)> work = [self, seen, at = *now](std::size_t number) {
    return Look(self, seen, number, at);
  };
  co_await ForEach(self->dependencies_.keys.partition_count(), self->settings_.looks_max,
                   std::move(work));
  self->dependencies_.telemetry.OutboxObserved(seen->entries, seen->oldest_due);
  const auto next =
      static_cast<std::uint16_t>(self->turns_++ % self->dependencies_.keys.partition_count());
  co_await ForgetDeadEvents(self->dependencies_, ports::PartitionId{next}, *now,
                            self->CallDeadline());
}

Task<void> EventDispatcher::Core::Run(std::shared_ptr<Core> self) {
  ports::Scheduler& scheduler = self->dependencies_.scheduler;
  self->hints_.Open();
  while (!self->stopped_ && !scheduler.stopping()) {
    co_await Turn(self);
    co_await scheduler.Sleep(self->settings_.poll);
  }
  self->stopped_ = true;
  auto wait = [&self](auto done) { self->hints_.Close(std::move(done)); };
  auto all_ended = Complete<int>(wait);
  co_await all_ended;
}

EventDispatcher::EventDispatcher(const Dependencies& dependencies, ports::EventSink& sink,
                                 ports::Entropy& entropy, EventDispatcherSettings settings)
    : core_(std::make_shared<Core>(dependencies, sink, entropy, settings)) {}

EventDispatcher::~EventDispatcher() = default;

Task<void> EventDispatcher::Run() { return Core::Run(core_); }

Task<void> EventDispatcher::Turn() { return Core::Turn(core_); }

void EventDispatcher::Notify(ports::PartitionId partition) { core_->Notify(partition); }

void EventDispatcher::Stop() { core_->Stop(); }

std::optional<Duration> EventPauseAfter(std::uint32_t attempts, std::optional<Duration> asked,
                                        std::uint16_t chance) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  constexpr std::array<Duration, 9> kPauses = {seconds{5}, minutes{5}, minutes{30},
                                               hours{2},   hours{5},   hours{10},
                                               hours{14},  hours{20},  hours{24}};
  if (attempts == 0 || attempts > kPauses.size()) {
    return std::nullopt;
  }
  return PauseBetweenAttempts(kPauses.at(attempts - 1), asked, chance);
}

}  // namespace kulanz::app
