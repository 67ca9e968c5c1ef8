#include "service/adapters/webhook/endpoint_gate.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace kulanz::adapters {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;

DeliveryReport Held(std::string reason, Duration pause) {
  DeliveryReport report;
  report.reason = std::move(reason);
  report.retry_after = pause;
  report.counts = false;
  return report;
}

}  // namespace

std::optional<DeliveryReport> EndpointGate::Admit(Deadline now) {
  const std::lock_guard lock(mutex_);
  if (disabled_) return Held("WEBHOOK_DISABLED", kMisconfigured);
  if (open_) return std::nullopt;
  if (now >= closed_until_) {
    closed_until_ = now + kProbe;  // for the others, until this one has ended
    return std::nullopt;
  }
  return Held(reason_, std::chrono::ceil<Duration>(closed_until_ - now));
}

DeliveryReport EndpointGate::Record(const WebhookReport& report, Deadline now) {
  DeliveryReport out;
  out.reason = report.reason;
  out.retry_after = report.retry_after;
  const std::lock_guard lock(mutex_);
  reason_ = report.reason;
  switch (report.result) {
    case WebhookResult::kAccepted:
      out.result = DeliveryResult::kAccepted;
      failures_ = 0;
      open_ = true;
      break;
    case WebhookResult::kDisabled:
      out = Held("WEBHOOK_DISABLED", kMisconfigured);
      disabled_ = true;
      break;
    case WebhookResult::kMisconfigured:
      out = Held(report.reason, kMisconfigured);
      open_ = false;
      closed_until_ = now + kMisconfigured;
      break;
    case WebhookResult::kRetry:
      failures_ = std::min(failures_ + 1, kFailuresMax + 20);
      if (report.retry_after) {
        open_ = false;
        closed_until_ = now + *report.retry_after;
      } else if (failures_ >= kFailuresMax) {
        open_ = false;
        closed_until_ = now + std::min(kAwayMax, kAwayFirst * (1 << (failures_ - kFailuresMax)));
      } else {
        open_ = true;
      }
      break;
  }
  return out;
}

bool EndpointGate::closed(Deadline now) const {
  const std::lock_guard lock(mutex_);
  return disabled_ || (!open_ && now < closed_until_);
}

bool EndpointGate::disabled() const {
  const std::lock_guard lock(mutex_);
  return disabled_;
}

bool EndpointGate::Reopen() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  open_ = true;
  return std::exchange(disabled_, false);
}

}  // namespace kulanz::adapters
