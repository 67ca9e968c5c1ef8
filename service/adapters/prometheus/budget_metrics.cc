#include "service/adapters/prometheus/budget_metrics.h"

#include <cmath>

#include "service/adapters/prometheus/label_value.h"

namespace kulanz::adapters {
namespace {

double InUnits(Money amount) {
  return static_cast<double>(amount.minor_units()) / std::pow(10.0, amount.currency().exponent());
}

prometheus::MetricFamily Family(std::string name, std::string help) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = prometheus::MetricType::Gauge;
  return family;
}

}  // namespace

void BudgetMetrics::Set(std::span<const ports::BudgetLevel> levels) {
  decltype(levels_) now;
  for (const ports::BudgetLevel& level : levels) {
    Level& sum = now[{LabelValue(level.budget), std::string(level.amount.currency().code())}];
    sum.amount += InUnits(level.amount);
    sum.remaining += InUnits(level.remaining);
  }
  const std::lock_guard lock(mutex_);
  levels_ = std::move(now);
}

void BudgetMetrics::Collect(std::vector<prometheus::MetricFamily>& out) const {
  prometheus::MetricFamily amount =
      Family("kulanz_budget_amount",
             "What a budget has for its period of now, in units of the currency, as policies say.");
  prometheus::MetricFamily remaining =
      Family("kulanz_budget_remaining_amount",
             "What is left of it, as every replica reads it from the store, four times a minute: "
             "take the min over replicas, never a sum.");
  const std::lock_guard lock(mutex_);
  for (const auto& [labels, level] : levels_) {
    prometheus::ClientMetric& metric = amount.metric.emplace_back();
    metric.label = {{"budget", labels.first}, {"currency", labels.second}};
    metric.gauge.value = level.amount;
    remaining.metric.push_back(metric);
    remaining.metric.back().gauge.value = level.remaining;
  }
  out.push_back(std::move(amount));
  out.push_back(std::move(remaining));
}

}  // namespace kulanz::adapters
