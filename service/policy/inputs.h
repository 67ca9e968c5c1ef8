// Inputs: the names that expressions may read, and their slots in the frame.
//
// One layout for a whole policy set: fixed slots for the incident, its order and the customer, then one
// slot per attribute name of any incident type, then the policy's variables. The engine fills a frame
// once per incident and all policies of its type read it.
//
// Thread-safety: plain values; InputLayout is immutable after construction.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/time_zone.h"
#include "service/cel/environment.h"
#include "service/policy/incident_type.h"

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
  // Numbers the attributes of `types` (their `slot` is set).
  explicit InputLayout(std::span<IncidentType> types);
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

// The environment of a policy that covers `types`: an attribute is there when any of them declares it,
// and certain only when all require it. With `assume_present` all inputs count as certain. Conflicting
// attributes are added to `conflicts`, and agree with every use.
cel::Environment MakeEnvironment(std::span<const IncidentType* const> types, const TimeZone& zone,
                                 bool assume_present, std::vector<AttributeConflict>& conflicts);

}  // namespace kulanz::policy
