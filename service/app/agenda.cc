#include "service/app/agenda.h"

#include "service/app/keys.h"

namespace kulanz::app {

std::string EncodeAgendaMember(const AgendaItem& item) {
  return static_cast<char>(item.kind) + MemberOf(item.record);
}

std::optional<AgendaItem> DecodeAgendaMember(std::string_view member) {
  if (member.empty() || member.front() != static_cast<char>(AgendaKind::kDelivery)) {
    return std::nullopt;
  }
  const auto record = KeyHashFrom(member.substr(1));
  if (!record) {
    return std::nullopt;
  }
  return AgendaItem{AgendaKind::kDelivery, *record};
}

}  // namespace kulanz::app
