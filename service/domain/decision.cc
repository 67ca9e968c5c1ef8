#include "service/domain/decision.h"

#include <array>

namespace kulanz {

std::string_view OutcomeName(Outcome outcome) {
  constexpr std::array<std::string_view, 4> kNames = {"granted", "denied", "review", "apologised"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::string_view SeverityName(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames = {"mild", "serious", "severe"};
  return kNames.at(static_cast<std::size_t>(severity));
}

}  // namespace kulanz
