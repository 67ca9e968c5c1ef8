// Opening a letter: what the records say about a delivery that is due.
//
// Thread-safety: any thread; reads only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "service/app/courier_letter.h"
#include "service/app/letter_record.h"
#include "service/base/task.h"
#include "service/ports/messenger.h"

namespace kulanz::app {

// A letter that can be sent.
struct OpenLetter {
  LetterRecord record;
  std::uint64_t version = 0;
  ports::Delivery delivery;
};
// Why it cannot.
struct NoLetter {
  enum class Kind : std::uint8_t {
    kLeave,     // the store does not answer: it comes round again
    kRemove,    // nothing to send (any more)
    kDead,      // can never be sent
    kPostpone,  // an operator or a newer server must act first, or `until` says when
  };
  Kind kind = Kind::kLeave;
  std::string reason;
  LetterRecord record;  // kDead
  std::uint64_t version = 0;
  std::optional<Instant> until = std::nullopt;
};
using Opened = std::variant<OpenLetter, NoLetter>;

// Reads the letter's record, decision and profile, each found through the one before it.
Task<Opened> OpenDueLetter(LetterTools tools, DueLetter due);

ports::Key LetterKey(const LetterTools& tools, const DueLetter& due);
// When a call to the store that begins now has to end.
Deadline CallDeadline(const LetterTools& tools);
// The store's time; `otherwise` when the store has none yet.
Instant StoreNow(const LetterTools& tools, Instant otherwise);

}  // namespace kulanz::app
