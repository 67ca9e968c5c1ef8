// Starting points: the texts that `kulanz new` writes. Each is commented, passes `kulanz check`, and gives
// nothing until its author says so.
//
// Thread-safe; pure.
#pragma once

#include <string>
#include <vector>

#include "service/policy/policy_set.h"

namespace kulanz::command {

struct NewFile {
  std::string name;  // relative to the policy set's folder
  std::string text;
};

// A whole small set: a type of incident, a person, a policy, and its test.
std::vector<NewFile> NewRuleSet();

// What a new policy refers to.
struct PolicyPlaces {
  std::string incident_type;
  std::string currency = "EUR";
  std::string zone = "Europe/Berlin";
  std::string message;
  std::string signed_by;
};
// Taken from the set: its first type, and what its first policy has. `message` is empty when there is none.
PolicyPlaces PlacesOf(const policy::PolicySet& policies);
NewFile NewPolicy(const std::string& name, const PolicyPlaces& places);

// A test of the policy: one incident of each of its types, and what comes out of it today.
NewFile NewTest(const policy::PolicySet& policies, const policy::Policy& policy);

// The declaration of a type, to be put at the end of incidents.yaml.
std::string NewIncidentType(const std::string& name);

}  // namespace kulanz::command
