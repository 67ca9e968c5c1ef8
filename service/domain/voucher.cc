#include "service/domain/voucher.h"

#include <array>

namespace kulanz {

std::string_view DeliveryStateName(DeliveryState state) {
  constexpr std::array<std::string_view, 4> kNames = {"pending", "sent", "dead", "cancelled"};
  return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace kulanz
