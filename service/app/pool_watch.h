// PoolWatch: tells operators how much is left in pools of codes.
//
// Each replica warns once when a pool has run low, and once when it has run out, and again only after it
// was filled. Thread-safety: one caller at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "service/policy/policy_set.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

// A pool that policies name, and from which number on they call it low (the highest of theirs).
struct NamedPool {
  std::string name;
  std::int64_t low_at = 0;
  friend bool operator==(const NamedPool&, const NamedPool&) = default;
};

// By name. Policies that are off name none.
std::vector<NamedPool> PoolsOf(const policy::PolicySet& policies);

class PoolWatch {
 public:
  PoolWatch(ports::Telemetry& telemetry, ports::Log& log) : telemetry_(telemetry), log_(log) {}

  struct Level {
    NamedPool pool;
    std::uint64_t remaining = 0;
  };
  // All pools that policies name now and that could be counted.
  void Observe(const std::vector<Level>& levels);

 private:
  enum class State : std::uint8_t { kFilled, kLow, kEmpty };
  ports::Telemetry& telemetry_;
  ports::Log& log_;
  std::map<std::string, State> states_;  // as last told
};

}  // namespace kulanz::app
