#include "service/app/call_admission.h"

#include <algorithm>

#include "service/base/check.h"

namespace kulanz::app {
namespace {

// So many times the limit may be in hand while callers below their share arrive.
constexpr double kHardLimit = 1.5;
constexpr Duration kSecond{1'000};
// 2^32 divided by the golden ratio: its multiples fall evenly into the whole range, whatever their number.
constexpr std::uint32_t kEvenSpread = 2'654'435'769U;

}  // namespace

CallAdmission::CallAdmission(const AdaptiveLimitSettings& settings) : limit_(settings) {}

bool CallAdmission::is_full() const { return in_flight_ >= kHardLimit * limit_.limit(); }

Status CallAdmission::Glance(Deadline now) {
  const std::lock_guard lock(mutex_);
  Roll(now);
  return is_full() ? Refuse(false) : Status::Ok();
}

Status CallAdmission::Enter(std::string_view caller, Deadline now) {
  const std::lock_guard lock(mutex_);
  Roll(now);
  auto found = held_.find(caller);
  const std::uint32_t held = found == held_.end() ? 0 : found->second;
  const std::uint32_t limit = limit_.limit();
  if (in_flight_ >= limit) {
    const std::size_t callers = held_.size() + (held == 0 ? 1 : 0);
    const bool below_share = held < std::max<std::size_t>(1, limit / callers);
    if (callers == 1 || !below_share || is_full()) {
      return Refuse(callers > 1 && !below_share);
    }
  }
  if (found == held_.end()) {
    found = held_.emplace(std::string(caller), 0U).first;
  }
  ++found->second;
  ++in_flight_;
  ++admitted_;
  return Status::Ok();
}

Status CallAdmission::Refuse(bool over_share) {
  ++refused_;
  limit_.ObserveRefusal();
  const Status status =
      over_share ? Status(Code::kResourceExhausted, kCallerOverShare,
                          "this caller has more calls under way than its share of what the server "
                          "can do; repeat later, and fewer at once")
                 : Status(Code::kResourceExhausted, kServerOverloaded,
                          "the server has as many calls under way as it can do; repeat later");
  return status.WithRetryAfter(RetryAfter());
}

// Who obeys comes back at a rate that can be served: of ten who were refused for each one served, one in turn.
Duration CallAdmission::RetryAfter() {
  const double excess = std::max(
      refused_per_admitted_,
      static_cast<double>(refused_) / static_cast<double>(std::max<std::uint64_t>(admitted_, 1)));
  const auto base = static_cast<double>(kAdmissionRetryMin.count());
  const double most = std::min(base * (1 + std::min(excess, 1e6)),
                               static_cast<double>(kAdmissionRetryMax.count()) / 1.5);
  spread_ += kEvenSpread;
  const double share = static_cast<double>(spread_) / 4'294'967'296.0;
  return std::max(kAdmissionRetryMin, Duration(static_cast<std::int64_t>(most * (0.5 + share))));
}

void CallAdmission::Roll(Deadline now) {
  if (now - second_start_ < kSecond) {
    return;
  }
  refused_per_admitted_ = now - second_start_ < 2 * kSecond && admitted_ > 0
                              ? static_cast<double>(refused_) / static_cast<double>(admitted_)
                              : 0;
  second_start_ = now;
  admitted_ = 0;
  refused_ = 0;
}

CallAdmission::View CallAdmission::view() const {
  const std::lock_guard lock(mutex_);
  return {.limit = limit_.limit(),
          .in_flight = in_flight_,
          .callers = static_cast<std::uint32_t>(held_.size()),
          .usual = limit_.usual()};
}

void CallAdmission::Leave(std::string_view caller, Ended ended, Deadline start, Deadline now) {
  const std::lock_guard lock(mutex_);
  const auto held = held_.find(caller);
  KULANZ_CHECK(held != held_.end(), "who leaves has entered");
  if (ended == Ended::kServed) {
    limit_.Observe(now - start, in_flight_, now);
  }
  --in_flight_;
  if (--held->second == 0) {
    held_.erase(held);
  }
}

}  // namespace kulanz::app
