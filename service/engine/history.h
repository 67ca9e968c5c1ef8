// History: what a customer was given, after a decision or without one. The server, `kulanz test` and
// `kulanz simulate` keep a customer's history by these functions and no others.
//
// Thread-safe; pure.
#pragma once

#include "service/domain/decision.h"
#include "service/domain/history.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"

namespace kulanz::engine {

// `history` after `decision`, in order of time. A grant and a plain apology add a gesture, or grow the one
// that an earlier revision of the incident left; any other decision adds nothing. Gestures that no limit
// of any incident that intake still accepts can reach are dropped: those of before `now - reach`.
// `reach`: the longest window (PolicySet::longest_window) and the greatest age at intake together.
History WithDecision(const History& history, const Decision& decision, Duration reach, Instant now);

// `history` without what `incident` gave: it was withdrawn.
History WithoutIncident(const History& history, const IncidentId& incident);

}  // namespace kulanz::engine
