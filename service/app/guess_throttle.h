// GuessThrottle: counts wrong codes, and refuses who has typed too many, before the store is asked.
//
// Who is counted:
//   a customer whom a trusted caller names      by themselves: the caller has seen who they are
//   a customer whom anybody else names          together with that caller: a name is easily said, so one
//                                               who guesses in somebody's name does not lock them out elsewhere
//   a caller who is not trusted                 over all customers that it names
//   a trusted caller                            only watched: it speaks for all customers of a shop, and
//                                               refusing it would lock out every one of them
// Each has a measure that wrong codes fill and time empties; full means RESOURCE_EXHAUSTED with the time until
// one more fits. A wrong code is charged before the store is asked and given back when it was right, so many at
// once are not more than many in turn. A right code gives back nothing else: who owns one could otherwise guess
// between two uses of it.
//
// A code whose check symbol does not fit costs a fifth: it is what people who mistype send. Somebody who guesses
// computes the symbol, which is no secret, and learns nothing from leaving it out; yet it is not free, so that
// nobody can ask for ever.
//
// Each replica counts for itself: with n of them the limits are up to n times as high, and a restart forgets.
// With 65 secret bits in a code that is no danger; the limits are against noise, and for the alert. At most
// `entries_max` are remembered; those that were not touched for longest go first.
//
// Thread-safety: any thread; nothing waits.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/app/caller_trust.h"
#include "service/base/status.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

// So many wrong codes fit at once, and one more each time `recovery` has passed.
struct GuessLimit {
  std::int64_t wrong_max = 0;
  Duration recovery{0};
};

struct GuessSettings {
  GuessLimit customer{10, std::chrono::seconds{60}};
  GuessLimit caller{30, std::chrono::seconds{10}};
  GuessLimit trusted_caller{300, std::chrono::seconds{1}};  // reported, never refused
  std::size_t entries_max = 65'536;
};

// A mistyped code costs one of these of a wrong one.
inline constexpr std::int64_t kTyposPerWrongCode = 5;

enum class CodeOutcome : std::uint8_t {
  kRight,  // also when nobody knows: the store did not answer
  kTypo,   // its check symbol does not fit
  kWrong,
};

class GuessThrottle {
 public:
  struct Ports {
    ports::Scheduler& scheduler;
    ports::Telemetry& telemetry;
    ports::Log& log;
  };
  explicit GuessThrottle(const Ports& ports, GuessSettings settings = {});

  struct Attempt {
    Caller caller;
    bool trusted = false;
    CustomerId customer;  // may be empty
  };
  // RESOURCE_EXHAUSTED / TOO_MANY_WRONG_CODES with retry_after; nothing is charged then. Each OK is followed
  // by one End with the same attempt.
  Status Begin(const Attempt& attempt);
  void End(const Attempt& attempt, CodeOutcome outcome);

  std::size_t entries() const;  // remembered now

 private:
  struct Measure {
    ports::KeyHash key{};
    Deadline empty_at{};  // when nothing of its charges is left
    bool told = false;    // of this filling
  };
  using Place = std::list<Measure>::iterator;
  struct HashOfKey {
    std::size_t operator()(const ports::KeyHash& key) const;
  };
  // A measure that an attempt fills.
  struct Charge {
    ports::KeyHash key{};
    GuessLimit limit;
    bool refuses = true;
    std::string_view scope;  // "customer", "caller", "trusted_caller"
  };
  std::vector<Charge> ChargesOf(const Attempt& attempt) const;
  // Need mutex_.
  Measure& Touch(const ports::KeyHash& key, Deadline now);
  std::optional<Duration> Wait(const Charge& charge, Deadline now);
  void Tell(const Charge& charge) const;

  const Ports ports_;
  const GuessSettings settings_;
  mutable std::mutex mutex_;
  std::list<Measure> measures_;                                  // under mutex_; touched last first
  std::unordered_map<ports::KeyHash, Place, HashOfKey> places_;  // under mutex_
};

}  // namespace kulanz::app
