#include "service/adapters/smtp/circuit_breaker.h"

#include <algorithm>
#include <chrono>

namespace kulanz::adapters {

using ports::DeliveryReport;
using ports::DeliveryResult;

CircuitBreaker::CircuitBreaker(Settings settings) : settings_(settings) {}

std::optional<DeliveryReport> CircuitBreaker::Admit(Deadline now) {
  const std::lock_guard lock(mutex_);
  if (!open_) return std::nullopt;
  if (now >= open_until_) {
    open_until_ = now + settings_.probe;  // for the others, until this one has ended
    return std::nullopt;
  }
  DeliveryReport report = last_;
  report.retry_after = std::chrono::ceil<Duration>(open_until_ - now);
  return report;
}

void CircuitBreaker::Record(const DeliveryReport& report, Deadline now) {
  const bool misconfigured = report.result == DeliveryResult::kMisconfigured;
  const bool away = report.result == DeliveryResult::kRetry && !report.counts;
  const std::lock_guard lock(mutex_);
  if (!misconfigured && !away) {
    failures_ = 0;
    open_ = false;
    return;
  }
  Duration pause = settings_.misconfigured;
  if (away) {
    failures_ = std::min<std::uint32_t>(failures_ + 1, settings_.failures_max + 20);
    if (failures_ < settings_.failures_max) return;
    pause = std::min(settings_.away_max,
                     settings_.away_first * (1 << (failures_ - settings_.failures_max)));
  }
  open_ = true;
  open_until_ = now + pause;
  last_ = report;
}

}  // namespace kulanz::adapters
