// Cells: the numbers behind a time series, cheap enough for a hot path.
//
// CounterCell counts events, MoneyCell sums amounts of one currency, LevelCell is what it was last set to,
// HistogramCell sorts durations into
// buckets. Adding is one to three relaxed atomic operations and never waits; a histogram keeps several
// copies of its counts, so that threads do not fight over one cache line. prometheus-cpp's own histogram
// takes a mutex for each observation, and its counter is a double, which cannot sum cents exactly.
//
// Thread-safety: any thread. A reading during additions may be between two of them.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "service/domain/money.h"

namespace kulanz::adapters {

class CounterCell {
 public:
  struct Config {};
  static constexpr prometheus::MetricType kType = prometheus::MetricType::Counter;

  explicit CounterCell(Config) {}
  void Add(std::uint64_t count = 1) { count_.fetch_add(count, std::memory_order_relaxed); }
  void Read(prometheus::ClientMetric& out) const;

 private:
  std::atomic<std::uint64_t> count_{0};
};

class MoneyCell {
 public:
  struct Config {};
  static constexpr prometheus::MetricType kType = prometheus::MetricType::Counter;

  explicit MoneyCell(Config) {}
  // Amounts below zero are not counted: a counter only grows. One currency per cell.
  void Add(Money amount);
  // In units of the currency, 12.5 for 12.50 EUR: a double, which is good for charts, not for books.
  void Read(prometheus::ClientMetric& out) const;

 private:
  std::atomic<std::uint64_t> minor_units_{0};
  std::atomic<int> exponent_{0};
};

class LevelCell {
 public:
  struct Config {};
  static constexpr prometheus::MetricType kType = prometheus::MetricType::Gauge;

  explicit LevelCell(Config) {}
  void Set(double level) { level_.store(level, std::memory_order_relaxed); }
  void Read(prometheus::ClientMetric& out) const {
    out.gauge.value = level_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<double> level_{0};
};

class HistogramCell {
 public:
  static constexpr std::size_t kBoundsMax = 15;  // and +Inf
  struct Config {
    std::span<const double> bounds_seconds;  // ascending, with static storage, at most kBoundsMax
  };
  static constexpr prometheus::MetricType kType = prometheus::MetricType::Histogram;

  explicit HistogramCell(Config config);
  // Below zero counts as zero.
  void Observe(double seconds);
  void Read(prometheus::ClientMetric& out) const;

 private:
  static constexpr std::size_t kShards = 8;
  struct alignas(64) Shard {
    std::array<std::atomic<std::uint64_t>, kBoundsMax + 1> counts{};
    std::atomic<std::uint64_t> sum_ns{0};
  };
  const Config config_;
  std::array<Shard, kShards> shards_;
};

}  // namespace kulanz::adapters
