#include "service/domain/decision.h"

#include <array>

namespace kulanz {

std::string_view OutcomeName(Outcome outcome) {
  constexpr std::array<std::string_view, 3> kNames = {"granted", "denied", "review"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

}  // namespace kulanz
