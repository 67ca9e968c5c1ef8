// MetricCatalog: every metric of Kulanz, with its name, help, labels and buckets.
//
// One member per metric, in the order of the page. Names follow Prometheus' conventions: one prefix, base
// units, _total for counters. Label values come from closed sets (ports/telemetry.h).
// Thread-safety: any thread.
#pragma once

#include <prometheus/collectable.h>

#include <atomic>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "service/adapters/prometheus/budget_metrics.h"
#include "service/adapters/prometheus/cells.h"
#include "service/adapters/prometheus/file_metrics.h"
#include "service/adapters/prometheus/prometheus_telemetry.h"
#include "service/adapters/prometheus/series_family.h"
#include "service/adapters/prometheus/serving_metrics.h"
#include "service/adapters/prometheus/span_metrics.h"

namespace kulanz::adapters {

class MetricCatalog final : public prometheus::Collectable {
 public:
  using Counter = SeriesFamily<CounterCell>;
  using MoneyCounter = SeriesFamily<MoneyCell>;
  using Level = SeriesFamily<LevelCell>;
  using Histogram = SeriesFamily<HistogramCell>;

  explicit MetricCatalog(BuildInfo build);

  std::vector<prometheus::MetricFamily> Collect() const override;

  Counter decisions;
  Counter shadow_decisions;
  Counter holdout_decisions;
  Counter top_ups;
  Counter withdrawals;
  Counter decision_replays;
  Counter vouchers_issued;
  MoneyCounter issued_amount;
  Counter vouchers_redeemed;
  MoneyCounter redeemed_amount;
  MoneyCounter moved_amount;
  Level outstanding_amount;
  Counter voucher_guesses;
  Counter deliveries;
  Histogram messenger_duration;
  Histogram apology;
  Histogram incident_to_apology;
  Counter events;
  Level webhook_disabled;
  Histogram rpc_duration;
  Histogram store_duration;
  Counter store_rollbacks;
  Counter budget_lease_events;
  Counter policy_reloads;
  Counter secret_reloads;
  FileMetrics files;
  ServingMetrics serving;
  BudgetMetrics budgets;
  SpanMetrics spans;
  std::atomic<double> deliveries_paused{0};
  std::atomic<double> outbox_entries{0};
  std::atomic<double> outbox_oldest_due_seconds{0};
  std::atomic<double> agenda_entries{0};
  std::atomic<double> agenda_oldest_due_seconds{0};
  std::atomic<double> secrets{0};

  void SetPolicySet(std::string_view revision, std::size_t policies);
  void SetPools(std::span<const ports::PoolLevel> levels);
  void SetBreakers(std::span<const ports::BreakerLevel> levels);

 private:
  void CollectGauges(std::vector<prometheus::MetricFamily>& out) const;
  void CollectPools(std::vector<prometheus::MetricFamily>& out) const;
  void CollectBreakers(std::vector<prometheus::MetricFamily>& out) const;

  const BuildInfo build_;
  mutable std::mutex policy_set_mutex_;
  std::string policy_set_revision_;      // under policy_set_mutex_; empty until a set is active
  std::size_t policy_set_policies_ = 0;  // likewise
  struct Pool {
    std::string name;
    double remaining = 0;
    double low_at = 0;
  };
  mutable std::mutex pools_mutex_;
  std::vector<Pool> pools_;  // under pools_mutex_; by name
  mutable std::mutex breakers_mutex_;
  struct Breaker {
    std::string name;
    bool tripped = false;
    double held = 0;
  };
  std::vector<Breaker> breakers_;  // under breakers_mutex_
};

}  // namespace kulanz::adapters
