// PolicySetBuilder: puts checked parts together into a PolicySet. Used by the loader only.
//
// Thread-safety: none.
#pragma once

#include <memory>
#include <vector>

#include "service/policy/incident_type.h"
#include "service/policy/people.h"
#include "service/policy/policy.h"
#include "service/policy/policy_set.h"

namespace kulanz::policy {

class PolicySetBuilder {
 public:
  // `types` keep their addresses: the policies point at them.
  explicit PolicySetBuilder(std::vector<IncidentType> types);

  std::vector<IncidentType>& types() { return set_->types_; }
  void AddPolicy(std::unique_ptr<const Policy> policy);
  void SetChoose(Choose choose) { set_->choose_ = choose; }
  Choose choose() const { return set_->choose_; }
  void SetBreakers(Breakers breakers) { set_->breakers_ = std::move(breakers); }
  void SetPeople(People people) { set_->people_ = std::move(people); }
  void SetCustomerAttributes(std::vector<AttributeSpec> attributes) {
    set_->customer_attributes_ = std::move(attributes);
  }
  // `input_slots`: of InputLayout. Every policy has been added and is complete.
  std::shared_ptr<const PolicySet> Build(PolicyRevision revision, int input_slots);

 private:
  void IndexByType();
  void NoteReads(const Policy& policy);
  void NoteReach(const Policy& policy);

  std::shared_ptr<PolicySet> set_;
};

}  // namespace kulanz::policy
