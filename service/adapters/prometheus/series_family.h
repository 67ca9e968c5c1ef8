// SeriesFamily: one metric with its labels, and a cell for each combination of label values.
//
//   SeriesFamily<CounterCell> decisions({"kulanz_decisions_total", "...", {"policy", "outcome"}}, {});
//   decisions.At({"late-delivery", "granted"}).Add();
//
// Finding an existing cell takes no lock: a fixed open-addressed table of pointers that are set once and
// never removed. Only the first use of a combination locks. The table is also the limit: after
// kSeriesMax combinations everything else is counted under "other" in each label, so that no caller can
// fill the memory of this process or of Prometheus. Values are printed as LabelValue() gives
// them (label_value.h).
//
// Thread-safety: any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/adapters/prometheus/label_value.h"
#include "service/base/check.h"

namespace kulanz::adapters {

struct FamilyDescription {
  std::string name;
  std::string help;
  std::vector<std::string> labels;
};

template <typename Cell>
class SeriesFamily {
 public:
  static constexpr std::size_t kSeriesMax = 1000;
  static constexpr std::size_t kLabelsMax = 3;

  SeriesFamily(FamilyDescription description, typename Cell::Config config)
      : description_(std::move(description)), config_(config) {
    KULANZ_CHECK(description_.labels.size() <= kLabelsMax, "At() has room for kLabelsMax values");
  }
  SeriesFamily(const SeriesFamily&) = delete;
  SeriesFamily& operator=(const SeriesFamily&) = delete;

  // `values`: one per label, in order.
  Cell& At(std::initializer_list<std::string_view> values) {
    KULANZ_CHECK(values.size() == description_.labels.size(), "one value for each label");
    std::array<std::string_view, kLabelsMax> storage;
    std::transform(values.begin(), values.end(), storage.begin(),
                   [](std::string_view value) { return value.empty() ? kNoLabelValue : value; });
    const Values named(storage.data(), values.size());
    const std::size_t hash = HashOf(named);
    Series* const found = Find(hash, named);
    return found != nullptr ? found->cell : Add(hash, named);
  }

  prometheus::MetricFamily Collect() const {
    prometheus::MetricFamily family;
    family.name = description_.name;
    family.help = description_.help;
    family.type = Cell::kType;
    const std::lock_guard lock(mutex_);
    for (const Series& series : series_) {
      prometheus::ClientMetric& metric = family.metric.emplace_back();
      for (std::size_t i = 0; i < description_.labels.size(); ++i) {
        metric.label.push_back({description_.labels[i], series.values[i]});
      }
      series.cell.Read(metric);
    }
    // By label values, so that two scrapes and two builds list them alike.
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
    return family;
  }

 private:
  static constexpr std::size_t kSlots = 2048;  // a power of two, at most half full: short probes

  using Values = std::span<const std::string_view>;
  struct Series {
    Series(std::vector<std::string> its_values, typename Cell::Config config)
        : values(std::move(its_values)), cell(config) {}
    std::vector<std::string> values;  // as printed
    Cell cell;
  };

  static std::size_t HashOf(Values values) {
    std::size_t hash = 0;
    for (const std::string_view value : values) {
      hash = hash * 0x9E3779B97F4A7C15U + std::hash<std::string_view>{}(value);
    }
    return hash ^ (hash >> 32U);
  }

  Series* Find(std::size_t hash, Values values) const {
    for (std::size_t probe = 0; probe < kSlots; ++probe) {
      Series* const series = slots_[(hash + probe) % kSlots].load(std::memory_order_acquire);
      if (series == nullptr) return nullptr;
      if (std::equal(values.begin(), values.end(), series->values.begin(), series->values.end())) {
        return series;
      }
    }
    return nullptr;
  }

  Cell& Add(std::size_t hash, Values values) {
    const std::lock_guard lock(mutex_);
    if (Series* const raced = Find(hash, values)) return raced->cell;
    std::vector<std::string> printed;
    for (const std::string_view value : values) printed.push_back(LabelValue(value));
    const bool as_given = std::equal(values.begin(), values.end(), printed.begin());
    if (series_.size() >= kSeriesMax) printed.assign(printed.size(), "other");
    // What prints alike is one series: two would make Prometheus refuse the whole scrape.
    for (Series& series : series_) {
      if (series.values == printed) return series.cell;
    }
    Series& added = series_.emplace_back(std::move(printed), config_);
    if (as_given && series_.size() <= kSeriesMax) Publish(hash, added);
    return added.cell;
  }

  void Publish(std::size_t hash, Series& series) {
    std::size_t slot = hash % kSlots;
    while (slots_[slot].load(std::memory_order_relaxed) != nullptr) slot = (slot + 1) % kSlots;
    slots_[slot].store(&series, std::memory_order_release);
  }

  const FamilyDescription description_;
  const typename Cell::Config config_;
  std::array<std::atomic<Series*>, kSlots> slots_{};
  mutable std::mutex mutex_;
  std::deque<Series> series_;  // under mutex_; elements never move
};

}  // namespace kulanz::adapters
