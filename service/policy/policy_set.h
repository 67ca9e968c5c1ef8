// PolicySet: all policies of a folder, checked together, immutable, named by its revision.
//
// Made by LoadPolicySet (loader.h); shared between threads by shared_ptr<const PolicySet>.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/domain/customer.h"
#include "service/domain/ids.h"
#include "service/domain/incident.h"
#include "service/domain/time.h"
#include "service/policy/breaker.h"
#include "service/policy/guard_index.h"
#include "service/policy/people.h"

namespace kulanz::policy {

struct AttributeSpec;  // incident_type.h
struct IncidentType;   // incident_type.h
struct Policy;         // policy.h

// Of the policies that would give something: the first one answers, or the most generous one.
enum class Choose : std::uint8_t { kFirst, kHighest };

class PolicySet {
 public:
  ~PolicySet();
  PolicySet(const PolicySet&) = delete;
  PolicySet& operator=(const PolicySet&) = delete;

  const PolicyRevision& revision() const { return revision_; }
  Choose choose() const { return choose_; }
  std::size_t policy_count() const { return policies_.size(); }
  // How far any policy looks, into the past and the future of an incident: the longest `within` or period
  // of a limit or of fatigue, and kOncePerReach where a policy has once_per. A gesture further away cannot matter.
  Duration longest_window() const { return longest_window_; }

  // Nothing when the type is not declared.
  const IncidentType* FindIncidentType(std::string_view name) const;
  std::vector<std::string_view> IncidentTypeNames() const;  // sorted
  // By priority, highest first, then by id; without policies whose mode is off.
  const std::vector<const Policy*>& PoliciesFor(const IncidentType& type) const;
  // Over PoliciesFor(type).
  const GuardIndex& IndexFor(const IncidentType& type) const;
  // Of any mode; nothing when there is none with that id.
  const Policy* FindPolicy(std::string_view id) const;
  // By id, of any mode.
  std::span<const std::unique_ptr<const Policy>> policies() const { return policies_; }
  // Who signs; empty when the set has no people.yaml.
  const People& people() const { return people_; }

  // What is too much at once, as settings.yaml says.
  const Breakers& breakers() const { return breakers_; }

  // What customers.yaml declares of customers, by name.
  const std::vector<AttributeSpec>& customer_attributes() const { return customer_attributes_; }

  // For the engine: the slots that an incident of the type fills, and those of the longest frame.
  int input_slots() const { return input_slots_; }
  int frame_slots() const { return frame_slots_; }
  // Whether a policy of the type reads the slot (inputs.h).
  bool Reads(const IncidentType& type, int slot) const;

 private:
  friend class PolicySetBuilder;
  PolicySet();

  PolicyRevision revision_;
  Choose choose_ = Choose::kFirst;
  std::vector<IncidentType> types_;  // by name
  std::vector<std::unique_ptr<const Policy>> policies_;
  std::vector<std::vector<const Policy*>> by_type_;  // by IncidentType::index
  std::vector<GuardIndex> indexes_;                  // by IncidentType::index
  std::vector<std::vector<bool>> reads_;             // by IncidentType::index, then slot
  People people_;
  Breakers breakers_;
  std::vector<AttributeSpec> customer_attributes_;
  Duration longest_window_{0};
  int input_slots_ = 0;
  int frame_slots_ = 0;
};

// Every way in which `incident` breaks the declaration of its type: unknown type, unknown, missing or
// ill-typed attributes, unknown enum literals (with a suggestion), strings and lists over their size,
// a reporter that may not report it, facts of the order that the type requires. Field paths start at
// "incident", e.g. `incident.attributes["promised_at"]`.
void ValidateIncident(const PolicySet& policies, const Incident& incident, Violations& violations);

// Every declared attribute of the customer whose text is no value of its type. Field paths start at
// "customer", e.g. `customer.attributes["monthly_fee"]`.
void ValidateCustomer(const PolicySet& policies, const Customer& customer, Violations& violations);

}  // namespace kulanz::policy
