#include "service/app/agenda.h"

#include "service/app/keys.h"

namespace kulanz::app {

std::string EncodeAgendaMember(const AgendaItem& item) {
  return static_cast<char>(item.kind) + MemberOf(item.record);
}

std::optional<AgendaItem> DecodeAgendaMember(std::string_view member) {
  for (const AgendaKind kind : {AgendaKind::kDelivery, AgendaKind::kApology, AgendaKind::kReminder,
                                AgendaKind::kFeedback}) {
    if (member.empty() || member.front() != static_cast<char>(kind)) {
      continue;
    }
    if (const auto record = KeyHashFrom(member.substr(1))) {
      return AgendaItem{kind, *record};
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::app
