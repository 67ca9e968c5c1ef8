// Quiet hours: when a letter that is due now may be sent.
//
// Thread-safe; pure but for the zone's rules.
#pragma once

#include <optional>
#include <string>

#include "service/domain/decision.h"
#include "service/domain/time.h"

namespace kulanz::app {

// The instant at which the quiet hours end that `now` lies in; nothing when it lies in none. On the clock
// of `customer_zone`, or of the policy's zone when that is not known. On days of 23 or 25 hours too, the
// clock on the wall decides.
std::optional<Instant> EndOfQuietHours(const QuietHours& quiet, const std::string& customer_zone,
                                       Instant now);

}  // namespace kulanz::app
