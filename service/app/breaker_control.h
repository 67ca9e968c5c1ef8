// BreakerControl: breakers for operators: which have tripped, what they hold, and how it goes on.
//
// Thread-safety: any method from any thread. No personal data and no code in any answer. Failures of the store, and
// DATA_LOSS / RECORD_CORRUPT, come through as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/held_cases.h"
#include "service/app/record_breaker.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/policy/breaker.h"

namespace kulanz::app {

inline constexpr std::uint32_t kBreakerPageDefault = 50;
inline constexpr std::uint32_t kBreakerPageMax = 100;
inline constexpr std::uint32_t kReleasePerMinuteMax = 60'000;

struct BreakerView {
  StoredBreaker stored;
  std::optional<policy::BreakerRule>
      rule;                         // of the policies of now; nothing: they set none any more
  BreakerTally counted;             // in the window of now, as servers have written it
  std::optional<HeldSummary> held;  // not in lists
};

struct BreakerPage {
  std::vector<BreakerView> breakers;
  std::string next_page_token;  // empty: there are no more
};

struct BreakerReleaseCommand {
  std::string breaker;
  std::string request_id;
  std::uint32_t per_minute = 0;  // 1 to kReleasePerMinuteMax
  bool dismiss = false;          // deny what is held, instead of deciding it
};

class BreakerControl {
 public:
  explicit BreakerControl(const Dependencies& dependencies) : dependencies_(dependencies) {}

  // Those that have tripped or are being released, by name. `page_size`: 0: kBreakerPageDefault; at most
  // kBreakerPageMax. INVALID_ARGUMENT / INVALID_PAGE_TOKEN.
  Task<Result<BreakerPage>> List(std::uint32_t page_size, std::string page_token,
                                 Deadline deadline);
  // NOT_FOUND / BREAKER_NOT_FOUND: the policies set none of that name, and none has ever counted.
  Task<Result<BreakerView>> Get(std::string breaker, Deadline deadline);
  // Lets new gestures pass again, counted afresh, and has what is held decided at this rate. Idempotent under
  // its request id; another one takes the place of a release that is under way.
  //   NOT_FOUND / BREAKER_NOT_FOUND
  //   FAILED_PRECONDITION / BREAKER_NOT_TRIPPED   and it holds nothing
  //   ALREADY_EXISTS / RELEASE_CONFLICT           the id belongs to a release with another rate or end
  //   UNAVAILABLE / CONTENTION
  Task<Result<BreakerView>> Release(BreakerReleaseCommand command, Deadline deadline);

 private:
  const Dependencies& dependencies_;
};

}  // namespace kulanz::app
