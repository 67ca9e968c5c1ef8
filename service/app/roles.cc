#include "service/app/roles.h"

#include <algorithm>

namespace kulanz::app {

std::optional<Role> RoleFrom(std::string_view name) {
  const auto* const found = std::find(kRoleNames.begin(), kRoleNames.end(), name);
  if (found == kRoleNames.end()) {
    return std::nullopt;
  }
  return static_cast<Role>(found - kRoleNames.begin());
}

std::string ToText(RoleSet roles) {
  std::string text;
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (roles.Has(static_cast<Role>(i))) {
      text += (text.empty() ? "" : ", ") + std::string(kRoleNames.at(i));
    }
  }
  return text.empty() ? "none" : text;
}

}  // namespace kulanz::app
