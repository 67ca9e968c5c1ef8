// CallAdmission: which calls are taken in, and which are told at once to come again later.
//
// Every call that does work is in hand from Enter to Leave. How many may be says an AdaptiveLimit; whose, this:
//
//   fewer in hand than the limit       anybody
//   the limit is reached               who holds less than their share, up to half as many again
//   else                               nobody
//
// A share is the limit divided by the callers who have calls in hand now. So one caller alone may have everything;
// when a second comes, it is served at once, and the first is refused until it is down to its share. Who asks
// ten times as often gets no more for it.
//
// Who is refused is told when to come again: the longer, the more were refused for each one served, and not all
// at the same time. Refusing stores nothing: RESOURCE_EXHAUSTED means "no effect" (base/status.h).
//
// Memory: one entry per caller with calls in hand, so never more than those.
// Thread-safety: any thread; nothing waits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "service/app/adaptive_limit.h"
#include "service/base/status.h"
#include "service/domain/time.h"

namespace kulanz::app {

// Reasons of RESOURCE_EXHAUSTED.
inline constexpr std::string_view kServerOverloaded = "SERVER_OVERLOADED";
inline constexpr std::string_view kCallerOverShare = "CALLER_OVER_SHARE";

inline constexpr Duration kAdmissionRetryMin{100};
inline constexpr Duration kAdmissionRetryMax{10'000};

class CallAdmission {
 public:
  // What a call's end says about the server.
  enum class Ended : std::uint8_t {
    kServed,   // it did its work: its latency counts
    kNothing,  // refused, failed or given up: cheap or endless, and neither is the queue's doing
  };

  // What operators see of it.
  struct View {
    std::uint32_t limit = 0;
    std::uint32_t in_flight = 0;
    std::uint32_t callers = 0;
    AdaptiveLimit::Latency usual{0};
  };

  explicit CallAdmission(const AdaptiveLimitSettings& settings);
  CallAdmission(const CallAdmission&) = delete;
  CallAdmission& operator=(const CallAdmission&) = delete;

  // Whether nobody at all would get in, before it is known who asks: SERVER_OVERLOADED as below.
  Status Glance(Deadline now);
  // `caller`: who they are by the best that is known, an identity or an address. Each OK is followed by one Leave.
  //   RESOURCE_EXHAUSTED / SERVER_OVERLOADED    there is more to do than can be done, with retry_after
  //   RESOURCE_EXHAUSTED / CALLER_OVER_SHARE    and this caller has more than its share of it in hand, likewise
  Status Enter(std::string_view caller, Deadline now);
  // `start`: when it entered.
  void Leave(std::string_view caller, Ended ended, Deadline start, Deadline now);

  View view() const;

 private:
  // Need mutex_.
  bool is_full() const;
  Status Refuse(bool over_share);
  Duration RetryAfter();
  void Roll(Deadline now);

  mutable std::mutex mutex_;
  AdaptiveLimit limit_;                                     // under mutex_
  std::map<std::string, std::uint32_t, std::less<>> held_;  // under mutex_; by caller, none is 0
  std::uint32_t in_flight_ = 0;                             // under mutex_
  // Of the second that runs and of the one before, under mutex_:
  Deadline second_start_{};
  std::uint64_t admitted_ = 0;
  std::uint64_t refused_ = 0;
  double refused_per_admitted_ = 0;
  std::uint32_t spread_ = 0;
};

}  // namespace kulanz::app
