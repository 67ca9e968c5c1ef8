// CircuitBreaker: stops asking a mail server that cannot take anything.
//
// A refused login or certificate opens it at once, a server that is away after some failures in a row. While
// it is open, letters are answered without a connection: a wrong password tried by every letter would lock the
// account, and a server that comes up would meet all of them at once. When the pause is over one letter goes
// ahead; what becomes of it closes the breaker or opens it again, for twice as long where the server is away.
//
// Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "service/domain/time.h"
#include "service/ports/messenger.h"

namespace kulanz::adapters {

class CircuitBreaker {
 public:
  struct Settings {
    std::uint32_t failures_max = 5;  // in a row, until a server counts as away
    Duration away_first{1'000};      // the pause then; doubles with each further failure
    Duration away_max{60'000};
    Duration misconfigured{30'000};
    Duration probe{30'000};  // how long the one that goes ahead may take
  };
  explicit CircuitBreaker(Settings settings);

  // Nothing: go ahead, and tell Record() what came of it. Otherwise the answer for the letter.
  std::optional<ports::DeliveryReport> Admit(Deadline now);
  void Record(const ports::DeliveryReport& report, Deadline now);

 private:
  const Settings settings_;
  std::mutex mutex_;  // guards everything below
  std::uint32_t failures_ = 0;
  bool open_ = false;
  Deadline open_until_{};
  ports::DeliveryReport last_;  // what opened it
};

}  // namespace kulanz::adapters
