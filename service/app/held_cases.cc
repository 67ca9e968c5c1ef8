#include "service/app/held_cases.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "service/app/parallel.h"
#include "service/policy/breaker.h"

namespace kulanz::app {
namespace {

constexpr std::size_t kHashBytes = 16;
constexpr std::size_t kCurrencyBytes = 3;

// The decision's hash; of money also the currency and the minor units in decimal.
std::string MemberFor(const ports::Key& decision_key, const Decision& held) {
  std::string member = MemberOf(decision_key.hash);
  if (held.proposed) {
    member += held.proposed->currency().code();
    member += std::to_string(held.proposed->minor_units());
  }
  return member;
}

void AddCase(const ports::IndexEntry& entry, HeldSummary& summary) {
  const Instant at = InstantFromMillis(entry.score);
  ++summary.cases;
  summary.oldest = summary.oldest ? std::min(*summary.oldest, at) : at;
  const std::string_view money =
      std::string_view(entry.member).substr(std::min(entry.member.size(), kHashBytes));
  if (money.size() <= kCurrencyBytes) {
    return;
  }
  std::int64_t minor_units = 0;
  for (const char digit : money.substr(kCurrencyBytes)) {
    if (digit < '0' || digit > '9' || minor_units > ports::kStoredIntegerMax) {
      return;  // of another version
    }
    minor_units = minor_units * 10 + (digit - '0');
  }
  summary.amounts[std::string(money.substr(0, kCurrencyBytes))] += minor_units;
}

struct Walk {
  Walk(const Dependencies& the_dependencies, std::string the_breaker, Deadline the_deadline)
      : dependencies(the_dependencies), breaker(std::move(the_breaker)), deadline(the_deadline) {}
  const Dependencies dependencies;
  const std::string breaker;
  const Deadline deadline;
  std::mutex mutex;
  HeldSummary summary;  // under mutex
  Status failure;       // under mutex; the first
};

Task<void> AddSize(std::shared_ptr<Walk> walk, std::size_t number) {
  const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
  const auto list = co_await walk->dependencies.store.SummarizeIndex(
      walk->dependencies.keys.Held(partition, walk->breaker), walk->deadline);
  const std::lock_guard lock(walk->mutex);
  if (list.ok()) {
    walk->summary.cases += list->size;
  } else if (walk->failure.ok()) {
    walk->failure = list.status();
  }
}

// Cases of one millisecond that do not fit into one reading are counted up to there.
Task<void> CountHeldIn(std::shared_ptr<Walk> walk, std::size_t number) {
  const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
  ports::IndexRange range;
  range.index = walk->dependencies.keys.Held(partition, walk->breaker);
  range.score_min = -ports::kStoredIntegerMax;
  range.score_max = ports::kStoredIntegerMax;
  range.limit = ports::kIndexRangeMax;
  std::string last;
  for (;;) {
    const auto entries = co_await walk->dependencies.store.ReadIndex(range, walk->deadline);
    const std::lock_guard lock(walk->mutex);
    if (!entries.ok()) {
      walk->failure = walk->failure.ok() ? entries.status() : walk->failure;
      co_return;
    }
    std::size_t fresh = 0;
    for (const ports::IndexEntry& entry : *entries) {
      if (entry.score > range.score_min || entry.member > last) {
        AddCase(entry, walk->summary);
        ++fresh;
      }
    }
    if (fresh == 0 || entries->size() < range.limit) {
      co_return;
    }
    range.score_min = entries->back().score;
    last = entries->back().member;
  }
}

// What `in_partition` adds up, over all partitions.
Task<Result<HeldSummary>> InAllPartitions(const Dependencies& dependencies, std::string breaker,
                                          Deadline deadline,
                                          Task<void> (*in_partition)(std::shared_ptr<Walk>,
                                                                     std::size_t)) {
  auto walk = std::make_shared<Walk>(dependencies, std::move(breaker), deadline);
  std::function<Task<void>(std::size_t)> work = [walk, in_partition](std::size_t number) {
    return in_partition(walk, number);
  };
  co_await ForEach(dependencies.keys.partition_count(), kPartitionsAtOnce, std::move(work));
  if (!walk->failure.ok()) {
    co_return walk->failure;
  }
  co_return std::move(walk->summary);
}

}  // namespace

bool IsHeld(const Decision& decision) {
  return decision.outcome == Outcome::kReview && decision.reason == reason::kMassIncident;
}

void TurnIntoHeld(Decision& decision) {
  decision.outcome = Outcome::kReview;
  decision.reason = reason::kMassIncident;
  if (decision.voucher) {
    decision.proposed = decision.voucher->amount;
  }
  decision.voucher.reset();
  decision.budget.reset();
  decision.delivery.reset();
  decision.once_per.clear();
  decision.limit_keys.clear();
}

void AddToHeld(const Keys& keys, std::string_view breaker, const ports::Key& decision_key,
               const Decision& held, ports::Transaction& transaction) {
  transaction.writes.emplace_back(
      ports::IndexPut{keys.Held(decision_key.partition, breaker),
                      {MemberFor(decision_key, held), ToMillis(held.decided_at)}});
}

void RemoveFromHeld(const Keys& keys, const ports::Key& decision_key, const Decision& held,
                    ports::Transaction& transaction) {
  const std::string member = MemberFor(decision_key, held);
  for (const std::string& breaker :
       {policy::BreakerName(policy::BreakerScope::kPolicy, held.policy.text()),
        policy::BreakerName(policy::BreakerScope::kType, held.incident.type)}) {
    transaction.writes.emplace_back(
        ports::IndexRemove{keys.Held(decision_key.partition, breaker), member});
  }
}

std::optional<ports::KeyHash> DecisionOfHeld(std::string_view member) {
  return member.size() < kHashBytes ? std::nullopt : KeyHashFrom(member.substr(0, kHashBytes));
}

Task<Result<std::uint64_t>> CountHeld(const Dependencies& dependencies, std::string breaker,
                                      Deadline deadline) {
  auto summary = co_await InAllPartitions(dependencies, std::move(breaker), deadline, &AddSize);
  if (!summary.ok()) {
    co_return summary.status();
  }
  co_return summary->cases;
}

Task<Result<HeldSummary>> SummarizeHeld(const Dependencies& dependencies, std::string breaker,
                                        Deadline deadline) {
  return InAllPartitions(dependencies, std::move(breaker), deadline, &CountHeldIn);
}

}  // namespace kulanz::app
