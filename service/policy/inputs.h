// Inputs: the names that expressions may read, and their slots in the frame.
//
// One layout for a whole policy set: fixed slots for the incident, its order and the customer, then one
// slot per attribute name of any incident type and of customers, then the policy's variables. The engine fills a frame
// once per incident and all policies of its type read it.
//
// Thread-safety: plain values; InputLayout is immutable after construction.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/base/time_zone.h"
#include "service/cel/environment.h"
#include "service/policy/calendar_reader.h"
#include "service/policy/incident_type.h"
#include "service/policy/table_reader.h"

namespace kulanz::policy {

// Slots that every frame has. kCustomerTags and kCustomerAttributes take work to fill; the engine fills
// them only when a policy of the incident's type reads them.
enum InputSlot : int {
  kNowSlot,
  kIncidentIdSlot,
  kIncidentTypeSlot,
  kIncidentOccurredAtSlot,
  kIncidentRevisionSlot,
  kIncidentReporterSlot,
  kOrderIdSlot,
  kOrderTotalSlot,
  kOrderPlacedAtSlot,
  kCustomerIdSlot,
  kCustomerOrdersCompletedSlot,
  kCustomerSegmentSlot,
  kCustomerTagsSlot,
  kCustomerSinceSlot,
  kCustomerLifetimeValueSlot,
  kCustomerLocaleSlot,
  kCustomerTimeZoneSlot,
  kCustomerPreferredChannelSlot,
  kCustomerAttributesSlot,
  kFixedSlots,
};

class InputLayout {
 public:
  // Numbers the attributes of `types` and of customers (their `slot` is set).
  InputLayout(std::span<IncidentType> types, std::span<AttributeSpec> customer_attributes);
  // Where a policy's own variables begin; also the number of slots that an incident fills.
  int first_variable() const { return first_variable_; }

 private:
  int first_variable_ = kFixedSlots;
};

// Two types of one policy that declare an attribute differently, so that it has no single type.
struct AttributeConflict {
  std::string attribute;
  std::string first;   // "of type timestamp in late_delivery"
  std::string second;  // "of type date in outage"
};

// What the expressions of all policies may name besides the facts.
struct SharedData {
  Calendars calendars;
  Tables tables;
  std::vector<AttributeSpec> customer_attributes;  // numbered by InputLayout
};

// What the expressions of a policy are checked against.
struct PolicyInputs {
  cel::Environment declared;  // what some of its incident types do not promise may be absent
  cel::Environment present;   // all inputs count as certain
  // Attributes that agree with every use, so that only the conflict itself is reported.
  std::vector<AttributeConflict> conflicts;
};

// The inputs of policies, made once for all that cover the same types in the same zone.
//
// Thread-safety: none; lives while one policy set is read.
class InputsOfPolicies {
 public:
  explicit InputsOfPolicies(SharedData shared = {}) : shared_(std::move(shared)) {}

  // An attribute is there when any of `types` declares it, and certain only when all require it. The
  // result lives as long as this.
  const PolicyInputs& For(const std::vector<const IncidentType*>& types, const TimeZone& zone);

 private:
  SharedData shared_;
  std::map<std::pair<std::vector<const IncidentType*>, std::string>, PolicyInputs> made_;
};

}  // namespace kulanz::policy
