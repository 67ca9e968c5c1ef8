#include "service/app/pool_watch.h"

#include <algorithm>

#include "service/policy/policy.h"

namespace kulanz::app {

std::vector<NamedPool> PoolsOf(const policy::PolicySet& policies) {
  std::map<std::string, std::int64_t> low_at;
  for (const auto& policy : policies.policies()) {
    const policy::VoucherRule& voucher = policy->voucher;
    if (!voucher.pool.empty() && policy->mode != policy::Mode::kOff) {
      std::int64_t& highest = low_at[voucher.pool];
      highest = std::max(highest, voucher.low_at);
    }
  }
  std::vector<NamedPool> pools;
  for (const auto& [name, low] : low_at) {
    pools.push_back({name, low});
  }
  return pools;
}

void PoolWatch::Observe(const std::vector<Level>& levels) {
  std::vector<ports::PoolLevel> told;
  for (const Level& level : levels) {
    told.push_back({level.pool.name, level.remaining, level.pool.low_at});
    const bool low = level.remaining <= static_cast<std::uint64_t>(level.pool.low_at);
    const State now = level.remaining == 0 ? State::kEmpty : low ? State::kLow : State::kFilled;
    State& before = states_[level.pool.name];
    if (now > before) {
      const bool empty = now == State::kEmpty;
      log_.Write(empty ? ports::LogLevel::kError : ports::LogLevel::kWarning,
                 empty ? "pool_empty" : "pool_low",
                 empty ? "a pool of codes is empty; policies decide without it"
                       : "a pool of codes runs low; import more codes",
                 {{"pool", level.pool.name},
                  {"remaining", std::to_string(level.remaining)},
                  {"low_at", std::to_string(level.pool.low_at)}});
    }
    before = now;
  }
  telemetry_.PoolsObserved(told);
}

}  // namespace kulanz::app
