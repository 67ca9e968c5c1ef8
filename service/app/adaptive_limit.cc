#include "service/app/adaptive_limit.h"

#include <algorithm>
#include <cmath>

namespace kulanz::app {
namespace {

// From this part of the limit on, calls in hand count as "the limit was needed".
constexpr double kNeeded = 0.8;
// Small steps: what is above the limit is a queue, and waits for all of it.
constexpr double kGrow = 0.5;
// One window never takes more than half: it may have been a pause of the whole machine.
constexpr double kShrinkMost = 0.5;
// Of a new latency so much becomes the usual: soon when it is lower, slowly when it is higher.
constexpr double kLearnLower = 0.3;
constexpr double kLearnHigher = 0.05;
// At the smallest limit, while others are refused: slower still, as a store that is slow enough queues even these few.
constexpr double kLearnHigherAtMin = 0.01;

}  // namespace

AdaptiveLimit::AdaptiveLimit(const AdaptiveLimitSettings& settings)
    : settings_(settings),
      limit_(settings.adaptive
                 ? std::clamp(settings.limit_first, settings.limit_min, settings.limit_max)
                 : settings.limit_max) {
  latencies_.reserve(kLatenciesMax);
}

void AdaptiveLimit::Observe(Latency latency, std::uint32_t in_flight, Deadline now) {
  if (!settings_.adaptive) {
    return;
  }
  needed_ = needed_ || in_flight >= kNeeded * limit_;
  if (latencies_.empty()) {
    window_start_ = now;
  }
  if (latencies_.size() < kLatenciesMax) {
    latencies_.push_back(latency);
  }
  const auto open_for = now - window_start_;
  if ((open_for >= settings_.window && latencies_.size() >= settings_.window_calls) ||
      open_for >= settings_.window_max) {
    Close(now);
  }
}

void AdaptiveLimit::Close(Deadline now) {
  const auto middle = latencies_.begin() + static_cast<std::ptrdiff_t>(latencies_.size() / 2);
  std::nth_element(latencies_.begin(), middle, latencies_.end());
  const Latency median = *middle;
  const bool few = latencies_.size() < settings_.window_calls;
  const bool needed = needed_;
  latencies_.clear();
  window_start_ = now;
  needed_ = false;
  Learn(median, needed);
  const double slow = std::max(settings_.tolerance * static_cast<double>(usual_.count()),
                               static_cast<double>(Latency(settings_.latency_floor).count()));
  const double taken = static_cast<double>(std::max<Latency::rep>(median.count(), 1));
  if (taken > slow) {
    // Few calls are slow for reasons of their own, unless somebody was held back.
    if (!few || needed) {
      limit_ *= std::max(kShrinkMost, slow / taken);
    }
  } else if (needed) {
    limit_ += std::max(1.0, kGrow * std::sqrt(limit_));
  }
  limit_ = std::clamp(limit_, static_cast<double>(settings_.limit_min),
                      static_cast<double>(settings_.limit_max));
}

void AdaptiveLimit::Learn(Latency median, bool held_back) {
  if (usual_ == Latency{0}) {
    usual_ = median;
    return;
  }
  const bool at_min = limit() <= settings_.limit_min;
  if (median > usual_ && held_back && !at_min) {
    return;
  }
  const double weight = median < usual_ ? kLearnLower : at_min ? kLearnHigherAtMin : kLearnHigher;
  const auto step = static_cast<double>((median - usual_).count()) * weight;
  usual_ = std::max(usual_ + Latency(static_cast<Latency::rep>(step)), Latency{1});
}

}  // namespace kulanz::app
