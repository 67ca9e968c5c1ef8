#include "service/app/breaker_store.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "service/app/event_outbox.h"
#include "service/app/keys.h"
#include "service/ports/log.h"

namespace kulanz::app {
namespace {

bool IsBusy(const StoredBreaker& breaker) {
  return breaker.trip || (breaker.release && !breaker.release->done);
}

}  // namespace

Task<Result<VersionedBreaker>> ReadBreaker(const Dependencies& dependencies, std::string name,
                                           Deadline deadline) {
  const ports::Key key = dependencies.keys.Breaker(name);
  std::vector<ports::Key> wanted = {key};
  const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  auto breaker = DecodeBreaker(dependencies.codec, key, records->front().value);
  if (!breaker.ok()) {
    co_return breaker.status();
  }
  breaker->name = std::move(name);
  co_return VersionedBreaker{*std::move(breaker), records->front().version};
}

Task<Result<std::vector<VersionedBreaker>>> ReadBusyBreakers(const Dependencies& dependencies,
                                                             Deadline deadline) {
  ports::IndexRange range;
  range.index = dependencies.keys.BreakerIndex();
  range.score_min = -ports::kStoredIntegerMax;
  range.score_max = ports::kStoredIntegerMax;
  range.limit = ports::kIndexRangeMax;
  const auto entries = co_await dependencies.store.ReadIndex(range, deadline);
  if (!entries.ok()) {
    co_return entries.status();
  }
  std::vector<VersionedBreaker> breakers;
  for (std::size_t from = 0; from < entries->size(); from += ports::kReadKeysMax) {
    const std::size_t to = std::min(entries->size(), from + ports::kReadKeysMax);
    std::vector<ports::Key> wanted;
    for (std::size_t i = from; i < to; ++i) {
      wanted.push_back(dependencies.keys.Breaker((*entries)[i].member));
    }
    std::vector<ports::Key> keys = wanted;
    const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
    if (!records.ok()) {
      co_return records.status();
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto breaker = DecodeBreaker(dependencies.codec, keys[i], (*records)[i].value);
      if (!breaker.ok()) {
        dependencies.log.Error("breaker_unreadable", "a breaker's record does not open",
                               {{"breaker", (*entries)[from + i].member},
                                {"reason", std::string(breaker.status().reason())}});
        continue;
      }
      breaker->name = (*entries)[from + i].member;
      breakers.push_back({*std::move(breaker), (*records)[i].version});
    }
  }
  std::sort(breakers.begin(), breakers.end(),
            [](const auto& a, const auto& b) { return a.stored.name < b.stored.name; });
  co_return breakers;
}

Task<Result<std::optional<std::uint64_t>>> WriteBreaker(const Dependencies& dependencies,
                                                        VersionedBreaker next, bool notes,
                                                        std::optional<EventType> tells,
                                                        Deadline deadline) {
  const ports::Key key = dependencies.keys.Breaker(next.stored.name);
  const ports::Key index = dependencies.keys.BreakerIndex();
  ports::Transaction transaction;
  transaction.partition = key.partition;
  transaction.checks.emplace_back(ports::CheckVersion{key, next.version});
  transaction.writes.emplace_back(
      ports::Put{key, Encode(dependencies.codec, key, next.stored), std::nullopt});
  if (notes) {
    const Instant since = next.stored.trip ? next.stored.trip->at : next.stored.release->at;
    transaction.writes.emplace_back(ports::IndexPut{index, {next.stored.name, ToMillis(since)}});
  } else if (!IsBusy(next.stored) && next.stored.release) {
    transaction.writes.emplace_back(ports::IndexRemove{index, next.stored.name});
  }
  if (tells) {
    AddBreakerEvent(dependencies, *tells, next.stored, transaction);
  }
  const bool has_events = WritesEvents(transaction);
  const auto outcome = co_await dependencies.store.Commit(std::move(transaction), deadline);
  if (!outcome.ok()) {
    co_return outcome.status();
  }
  const auto* committed = std::get_if<ports::Committed>(&*outcome);
  if (committed != nullptr && has_events) {
    HintAtEvents(dependencies, key.partition);
  }
  co_return committed == nullptr ? std::nullopt : std::optional(committed->sequence);
}

}  // namespace kulanz::app
