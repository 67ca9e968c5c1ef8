// The agenda: due work of a partition, as members of an index ordered by due time in milliseconds.
//
// A member names the work, so that scheduling the same work again moves it instead of doubling it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/ports/store.h"

namespace kulanz::app {

enum class AgendaKind : char {
  kDelivery = 'D',  // send a voucher's letter; `record` is the voucher's key hash
  kApology = 'A',   // send a letter without one; `record` is the key hash of its decision
  kReminder = 'R',  // remind of a voucher that ends; `record` is the voucher's key hash
  kFeedback = 'F',  // ask how it was; likewise
};

struct AgendaItem {
  AgendaKind kind = AgendaKind::kDelivery;
  ports::KeyHash record{};
  friend bool operator==(const AgendaItem&, const AgendaItem&) = default;
};

// A letter that follows the first one (courier_follow_up.h).
constexpr bool IsFollowUp(AgendaKind kind) {
  return kind == AgendaKind::kReminder || kind == AgendaKind::kFeedback;
}

std::string EncodeAgendaMember(const AgendaItem& item);
// Nothing for a member that this version does not know: it is left for one that does.
std::optional<AgendaItem> DecodeAgendaMember(std::string_view member);

}  // namespace kulanz::app
