// PolicySet: all policies of a folder, checked together, immutable, named by its revision.
//
// Made by LoadPolicySet (policy/loader.h); shared between threads by shared_ptr<const PolicySet>.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "service/domain/ids.h"
#include "service/domain/incident.h"
#include "service/domain/time.h"
#include "service/base/status.h"

namespace kulanz::policy {

struct IncidentType;  // incident_type.h
struct Policy;        // policy.h

class PolicySet {
 public:
  const PolicyRevision& revision() const;
  std::size_t policy_count() const;
  // The longest reach of any limit: gestures older than this before an incident cannot matter to it.
  Duration longest_window() const;

  // Nothing when the type is not declared.
  const IncidentType* FindIncidentType(std::string_view name) const;
  const std::vector<const Policy*>& PoliciesFor(const IncidentType& type) const;  // by priority
};

// Every way in which `incident` breaks the declaration of its type: unknown type, unknown, missing or
// ill-typed attributes, unknown enum literals (with a suggestion), strings and lists over their size,
// a reporter that may not report it. Field paths start at "incident", e.g.
// `incident.attributes["promised_at"]`.
void ValidateIncident(const PolicySet& policies, const Incident& incident, Violations& violations);

}  // namespace kulanz::policy
