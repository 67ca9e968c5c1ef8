#include "service/app/dead_events.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "service/app/contention.h"
#include "service/app/event_outbox.h"
#include "service/app/keys.h"
#include "service/app/partition_walk.h"
#include "service/app/store_time.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

constexpr std::uint32_t kForgottenAtOnce = 32;
constexpr std::string_view kDeadEventList = "dead-events";

// A record and its version; nothing: it is not there.
struct VersionedEvents {
  StoredEvents events;
  std::uint64_t version = 0;
};

Task<Result<std::optional<VersionedEvents>>> ReadDeadEvents(const Dependencies& dependencies,
                                                            ports::Key key, Deadline deadline) {
  std::vector<ports::Key> wanted = {key};
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  std::optional<VersionedEvents> read;
  const ports::Record& record = records->front();
  if (record.exists()) {
    auto events = DecodeEvents(dependencies.codec, key, record.value);
    if (!events.ok()) {
      co_return events.status();
    }
    read = VersionedEvents{*std::move(events), record.version};
  }
  co_return read;
}

DeadEventRecord DescribeEvents(const ports::Key& key, StoredEvents events) {
  DeadEventRecord described;
  described.id = VoucherIdOf(key);  // the same digits: the partition and the hash
  if (!events.dead.empty()) {
    described.given_up_at = events.dead.back().at;
  }
  described.kept_until = described.given_up_at + kDeadEventsKept;
  described.events = std::move(events);
  return described;
}

Status EventsNotFound() {
  return Status(Code::kNotFound, "EVENT_NOT_FOUND",
                "there are no such events, or they have been told");
}

}  // namespace

void AddToDeadEvents(const Keys& keys, const ports::Key& record, const StoredEvents& left,
                     ports::Transaction& transaction) {
  transaction.writes.emplace_back(ports::IndexPut{
      keys.DeadEvents(record.partition), {MemberOf(record.hash), ToMillis(left.dead.back().at)}});
}

Task<void> ForgetDeadEvents(Dependencies dependencies, ports::PartitionId partition, Instant now,
                            Deadline deadline) {
  const ports::Key list = dependencies.keys.DeadEvents(partition);
  ports::IndexRange range;
  range.index = list;
  range.score_min = -ports::kStoredIntegerMax;
  range.score_max = ToMillis(now - kDeadEventsKept);
  range.limit = kForgottenAtOnce;
  const auto entries = co_await dependencies.store.ReadIndex(std::move(range), deadline);
  if (!entries.ok() || entries->empty()) {
    co_return;
  }
  ports::Transaction transaction;
  transaction.partition = partition;
  for (const ports::IndexEntry& entry : *entries) {
    transaction.writes.emplace_back(ports::IndexRemove{list, entry.member});
  }
  co_await dependencies.store.Commit(std::move(transaction), deadline);
}

Task<Result<DeadEventPage>> DeadEvents::List(std::uint32_t page_size, std::string page_token,
                                             Deadline deadline) {
  const std::uint32_t limit =
      page_size == 0 ? kDeadEventsPageDefault : std::min(page_size, kDeadEventsPageMax);
  const std::uint32_t partitions = dependencies_.keys.partition_count();
  auto place = ParseWalkPlace(dependencies_, page_token, kDeadEventList);
  if (!place.ok()) {
    co_return place.status();
  }
  DeadEventPage page;
  while (place->partition < partitions) {
    const ports::PartitionId partition{static_cast<std::uint16_t>(place->partition)};
    const auto entries = co_await ReadAfter(dependencies_, dependencies_.keys.DeadEvents(partition),
                                            *place, deadline);
    if (!entries.ok()) {
      co_return entries.status();
    }
    for (const ports::IndexEntry& entry : *entries) {
      if (page.records.size() == limit) {
        page.next_page_token = FormatWalkPlace(dependencies_.codec, *place, kDeadEventList);
        co_return page;
      }
      place->score = entry.score;
      place->member = entry.member;
      const auto hash = KeyHashFrom(entry.member);
      if (!hash) {
        continue;
      }
      const ports::Key key = dependencies_.keys.Events(partition, *hash);
      auto read = co_await ReadDeadEvents(dependencies_, key, deadline);
      if (!read.ok()) {
        co_return read.status();
      }
      if (*read && (*read)->events.done()) {  // otherwise its week is over, or it is told again
        page.records.push_back(DescribeEvents(key, std::move((*read)->events)));
      }
    }
    if (entries->empty()) {
      *place = WalkPlace{.partition = place->partition + 1, .member = {}};
    }
  }
  co_return page;
}

Task<Result<DeadEventRecord>> DeadEvents::Resend(std::string id, Deadline deadline) {
  const auto named = dependencies_.keys.VoucherFromId(id);
  if (!named) {
    co_return EventsNotFound();
  }
  const ports::Key key = dependencies_.keys.Events(named->partition, named->hash);
  const std::string member = MemberOf(key.hash);
  for (int attempt = 0; attempt < kRaceTriesMax; ++attempt) {
    auto read = co_await ReadDeadEvents(dependencies_, key, deadline);
    if (!read.ok()) {
      co_return read.status();
    }
    if (!*read) {
      co_return EventsNotFound();
    }
    StoredEvents events = (*read)->events;
    DeadEventRecord described = DescribeEvents(key, events);
    if (!events.done()) {
      co_return described;
    }
    const Result<Instant> now = StoreTime(dependencies_.store);
    if (!now.ok()) {
      co_return now.status();
    }
    events.told = 0;
    events.attempts = 0;
    events.dead.clear();
    events.resent_at = *now;
    ports::Transaction transaction;
    transaction.partition = key.partition;
    transaction.checks.emplace_back(ports::CheckVersion{key, (*read)->version});
    transaction.writes.emplace_back(
        ports::Put{key, EncodeEvents(dependencies_.codec, key, events), std::nullopt});
    transaction.writes.emplace_back(
        ports::IndexRemove{dependencies_.keys.DeadEvents(key.partition), member});
    transaction.writes.emplace_back(
        ports::IndexPut{dependencies_.keys.Outbox(key.partition), {member, ToMillis(*now)}});
    const auto outcome = co_await dependencies_.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      HintAtEvents(dependencies_, key.partition);
      co_return described;
    }
  }
  co_return Contention("the events were changed by others at once");
}

}  // namespace kulanz::app
