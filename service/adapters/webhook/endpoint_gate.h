// EndpointGate: whether an endpoint is asked at all.
//
// Closed, it answers in the endpoint's place, so that a backlog does not queue up in front of a receiver that
// wants or can take nothing:
//   410                        until the operator says otherwise: see Reopen
//   Retry-After                until then, for every event, as it speaks of the receiver
//   five failures in a row     a second, then twice as long up to a minute; then one event goes ahead
//   no secret, no address      half a minute
//
// Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "service/adapters/webhook/webhook_client.h"
#include "service/domain/time.h"
#include "service/ports/messenger.h"

namespace kulanz::adapters {

class EndpointGate {
 public:
  static constexpr std::uint32_t kFailuresMax = 5;
  static constexpr Duration kAwayFirst{1'000};
  static constexpr Duration kAwayMax{60'000};
  static constexpr Duration kMisconfigured{30'000};
  static constexpr Duration kProbe{60'000};  // how long the one that goes ahead may take

  // Nothing: go ahead, and tell Record() what came of it. Otherwise the answer, with `retry_after`.
  std::optional<ports::DeliveryReport> Admit(Deadline now);
  // What the attempt means for whoever made it.
  ports::DeliveryReport Record(const WebhookReport& report, Deadline now);
  bool closed(Deadline now) const;
  bool disabled() const;
  // Asks a receiver again that had said 410. False: it had not.
  bool Reopen();

 private:
  mutable std::mutex mutex_;  // guards everything below
  std::uint32_t failures_ = 0;
  bool disabled_ = false;
  bool open_ = true;
  Deadline closed_until_{};
  std::string reason_;  // what closed it
};

}  // namespace kulanz::adapters
