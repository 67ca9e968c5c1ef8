#include "service/policy/policy_set.h"

#include <algorithm>

#include "service/policy/incident_type.h"
#include "service/policy/policy.h"

namespace kulanz::policy {

PolicySet::PolicySet() = default;
PolicySet::~PolicySet() = default;

const IncidentType* PolicySet::FindIncidentType(std::string_view name) const {
  const auto found = std::lower_bound(
      types_.begin(), types_.end(), name,
      [](const IncidentType& type, std::string_view wanted) { return type.name < wanted; });
  return found != types_.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string_view> PolicySet::IncidentTypeNames() const {
  std::vector<std::string_view> names;
  names.reserve(types_.size());
  for (const IncidentType& type : types_) {
    names.push_back(type.name);
  }
  return names;
}

const std::vector<const Policy*>& PolicySet::PoliciesFor(const IncidentType& type) const {
  return by_type_.at(type.index);
}

const GuardIndex& PolicySet::IndexFor(const IncidentType& type) const {
  return indexes_.at(type.index);
}

const Policy* PolicySet::FindPolicy(std::string_view id) const {
  const auto found =
      std::lower_bound(policies_.begin(), policies_.end(), id,
                       [](const std::unique_ptr<const Policy>& policy, std::string_view wanted) {
                         return policy->id.text() < wanted;
                       });
  return found != policies_.end() && (*found)->id.text() == id ? found->get() : nullptr;
}

bool PolicySet::Reads(const IncidentType& type, int slot) const {
  return reads_.at(type.index).at(static_cast<std::size_t>(slot));
}

}  // namespace kulanz::policy
