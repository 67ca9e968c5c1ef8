// Letters that follow the first one: a reminder of a voucher that ends, and a question for feedback.
//
// They are on the agenda from the decision on, in its transaction. What has become of the voucher is looked
// at when they are due: used, revoked, reissued or withdrawn, or its first letter never sent, and they
// are dropped without a word. Nobody was promised one, so they leave nothing in the voucher's record and end in
// no dead letters: the agenda's entry alone is claimed, moved and removed, and what cannot be sent within three days
// is dropped. Quiet hours hold as for any letter. At least once: a crash repeats one under its Message-ID.
//
// Thread-safety: any thread.
#pragma once

#include <optional>

#include "service/app/courier_letter.h"
#include "service/domain/decision.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Puts those that the decision asks for on the agenda of a voucher with its key.
void ScheduleFollowUps(const Keys& keys, const ports::Key& voucher, const Decision& decision,
                       Instant letter_due, ports::Transaction& transaction);

// When it is due; nothing when the decision asks for none of this kind.
std::optional<Instant> FollowUpDue(AgendaKind kind, const Decision& decision, Instant letter_due);

// One attempt at most, of an entry of such a kind.
Task<LetterEnd> DeliverFollowUp(LetterTools tools, DueLetter due);

}  // namespace kulanz::app
