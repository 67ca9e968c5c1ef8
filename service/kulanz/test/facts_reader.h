// FactsReader: the facts of one case, read from YAML (or JSON, which is YAML): what is reported, of whom,
// and what that customer was given before.
//
// Strict, and every mistake is reported: the keys and values of each part, and everything that the server
// would refuse about the report. Thread-safety: none; lives while one file is read.
#pragma once

#include <optional>

#include "service/domain/customer.h"
#include "service/domain/history.h"
#include "service/domain/incident.h"
#include "service/policy/fields.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

class FactsReader {
 public:
  FactsReader(const policy::PolicySet& policies, const policy::FileContext& context)
      : policies_(policies), context_(context) {}

  // {type, id, occurred_at, revision, reporter, order: {id, total, placed_at}, attributes: {...}}.
  std::optional<Incident> ReadIncident(const policy::Node& node) const;
  // The fields of a customer, none of them required.
  Customer ReadCustomer(const policy::Node& node) const;
  // [{policy, at, amount, once_per, incident, reporter, order, keys: {<per>: <value>}}, ...].
  History ReadHistory(const policy::Node& node) const;

 private:
  void ReadAttributes(const policy::Node& node, Incident& incident) const;
  void ReadCustomerAttributes(const policy::Node& node, Customer& customer) const;
  std::optional<GivenGesture> ReadGesture(const policy::Node& node, std::size_t number) const;
  void Validate(const policy::Node& node, const Incident& incident) const;

  const policy::PolicySet& policies_;
  const policy::FileContext& context_;
};

// A policy's id; reports one that is nearly, but not, the id of a policy of the set.
std::optional<PolicyId> ReadPolicyId(const policy::FileContext& context, const policy::Node& node,
                                     const policy::PolicySet& policies);

}  // namespace kulanz::command
