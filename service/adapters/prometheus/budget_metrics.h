// BudgetMetrics: what is left of each budget, as Prometheus metrics; a part of PrometheusTelemetry's page.
//
// Thread-safety: any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "service/ports/telemetry.h"

namespace kulanz::adapters {

class BudgetMetrics {
 public:
  // In place of all of before. Budgets of one name and currency, in several time zones, are added up.
  void Set(std::span<const ports::BudgetLevel> levels);
  // Appends all metrics.
  void Collect(std::vector<prometheus::MetricFamily>& out) const;

 private:
  struct Level {
    double amount = 0;
    double remaining = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Level> levels_;  // by name, currency; under mutex_
};

}  // namespace kulanz::adapters
