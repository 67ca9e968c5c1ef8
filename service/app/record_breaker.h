// What is stored of a breaker. breaker_watch.h has the protocol. Values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/app/breaker_window.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/domain/time.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct BreakerTrip {
  Instant at{};
  BreakerTally counted;  // with the gesture that was too much
  friend bool operator==(const BreakerTrip&, const BreakerTrip&) = default;
};

struct BreakerRelease {
  std::string request_id;
  Instant at{};
  std::uint32_t per_minute = 0;
  bool dismiss = false;  // deny what is held, instead of deciding it
  std::string worker;    // whose turn it is, until `lease_until`
  Instant lease_until{};
  Instant paced_until{};  // up to when the rate is used up
  bool done = false;
  friend bool operator==(const BreakerRelease&, const BreakerRelease&) = default;
};

struct StoredBreaker {
  std::string name;
  std::string currency;  // of the sums; empty: none is counted
  BreakerWindow window;
  std::optional<BreakerTrip> trip;
  std::optional<BreakerRelease> release;  // the last one
  friend bool operator==(const StoredBreaker&, const StoredBreaker&) = default;
};

std::string Encode(const RecordCodec& codec, const ports::Key& key, const StoredBreaker& breaker);
// An absent record ("") is a breaker that has counted nothing. DATA_LOSS / RECORD_CORRUPT, UNAVAILABLE /
// RECORD_NEWER.
Result<StoredBreaker> DecodeBreaker(const RecordCodec& codec, const ports::Key& key,
                                    std::string_view stored);

}  // namespace kulanz::app
