// One letter of the agenda: opened, claimed, sent, and written off.
//
// Everything is decided from the records: the agenda's entry only says that there is something to do.
// Thread-safety: any thread; any number of letters at once, the same one in several couriers included.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/app/agenda.h"
#include "service/app/courier.h"
#include "service/app/dependencies.h"
#include "service/base/task.h"
#include "service/ports/messenger.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct LetterTools {
  const Dependencies& dependencies;
  ports::Messenger& messenger;
  ports::Entropy& entropy;
  const CourierSettings& settings;
};

// An agenda entry as it was seen.
struct DueLetter {
  ports::PartitionId partition;
  AgendaItem item;
  std::int64_t score = 0;
};

enum class LetterEnd : std::uint8_t {
  kFinished,       // nothing was sent: dead, somebody else's, or left for the next poll
  kAttempted,      // the messenger took it up: sent, dead or rescheduled
  kMisconfigured,  // the messenger can send nothing until an operator acts
};

// One attempt at most. Failures of the store leave the entry where it is: it comes round again.
Task<LetterEnd> DeliverLetter(LetterTools tools, DueLetter due);

// Tells metrics, and the log when it was not accepted, of an attempt that is no letter's own: a follow-up.
void CountAttempt(const LetterTools& tools, const ports::DeliveryReport& report,
                  const std::string& incident);

// When a report leads to another attempt: the pause before it.
Duration PauseAfter(const CourierSettings& settings, const ports::DeliveryReport& report,
                    std::uint32_t attempts, std::uint16_t chance);

// The pause before attempt number `attempts` + 1: doubles from the first to the longest, a fifth up or
// down by `chance`, and not shorter than the receiver asked for (a day at most).
Duration BackoffAfter(const CourierSettings& settings, std::uint32_t attempts,
                      std::optional<Duration> asked, std::uint16_t chance);

}  // namespace kulanz::app
