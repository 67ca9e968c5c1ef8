#include "service/adapters/prometheus/cells.h"

#include <limits>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr double kNanosPerSecond = 1e9;

// Each thread keeps to one shard; the first kShards threads have one each.
std::size_t ThreadNumber() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace

void CounterCell::Read(prometheus::ClientMetric& out) const {
  out.counter.value = static_cast<double>(count_.load(std::memory_order_relaxed));
}

void MoneyCell::Add(Money amount) {
  if (amount.is_negative()) return;
  exponent_.store(amount.currency().exponent(), std::memory_order_relaxed);
  minor_units_.fetch_add(static_cast<std::uint64_t>(amount.minor_units()),
                         std::memory_order_relaxed);
}

void MoneyCell::Read(prometheus::ClientMetric& out) const {
  double divisor = 1;
  for (int i = exponent_.load(std::memory_order_relaxed); i > 0; --i) divisor *= 10;
  out.counter.value = static_cast<double>(minor_units_.load(std::memory_order_relaxed)) / divisor;
}

HistogramCell::HistogramCell(Config config) : config_(config) {
  KULANZ_CHECK(config.bounds_seconds.size() <= kBoundsMax,
               "a shard has room for kBoundsMax bounds");
}

void HistogramCell::Observe(double seconds) {
  if (!(seconds > 0)) seconds = 0;
  std::size_t bucket = 0;
  // Most observations are short and there are few buckets: this beats a binary search.
  while (bucket < config_.bounds_seconds.size() && seconds > config_.bounds_seconds[bucket])
    ++bucket;
  constexpr double kSecondsMax = 1e9;  // 30 years; keeps the sum of many within 64 bits
  Shard& shard = shards_[ThreadNumber() % kShards];
  shard.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  shard.sum_ns.fetch_add(
      static_cast<std::uint64_t>((seconds < kSecondsMax ? seconds : kSecondsMax) * kNanosPerSecond),
      std::memory_order_relaxed);
}

void HistogramCell::Read(prometheus::ClientMetric& out) const {
  std::array<std::uint64_t, kBoundsMax + 1> counts{};
  double sum_ns = 0;
  for (const Shard& shard : shards_) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] += shard.counts[i].load(std::memory_order_relaxed);
    }
    sum_ns += static_cast<double>(shard.sum_ns.load(std::memory_order_relaxed));
  }
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < config_.bounds_seconds.size(); ++i) {
    cumulative += counts[i];
    out.histogram.bucket.push_back({cumulative, config_.bounds_seconds[i]});
  }
  cumulative += counts[config_.bounds_seconds.size()];
  out.histogram.bucket.push_back({cumulative, std::numeric_limits<double>::infinity()});
  out.histogram.sample_count = cumulative;
  out.histogram.sample_sum = sum_ns / kNanosPerSecond;
}

}  // namespace kulanz::adapters
