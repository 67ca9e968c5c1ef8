#include "service/engine/frame.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "service/policy/inputs.h"

namespace kulanz::engine {
namespace {

using cel::Value;
using policy::IncidentType;
using policy::PolicySet;

constexpr const char* kNoMemory = "the incident does not fit into an evaluation's memory";

struct ScalarToValue {
  Value operator()(bool value) const { return Value::Bool(value); }
  Value operator()(std::int64_t value) const { return Value::Int(value); }
  Value operator()(Decimal value) const { return Value::Of(value); }
  Value operator()(Money value) const { return Value::Of(value); }
  Value operator()(const std::string& value) const { return Value::String(value); }
  Value operator()(Instant value) const { return Value::Of(value); }
  Value operator()(Date value) const { return Value::Of(value); }
  Value operator()(Duration value) const { return Value::Of(value); }
};
Value ItemOf(const std::string& text) { return Value::String(text); }
Value ItemOf(const AttributeScalar& scalar) { return std::visit(ScalarToValue{}, scalar); }

template <typename Item>
Value ListOf(const std::vector<Item>& items, cel::Arena& arena) {
  auto* const values = arena.AllocateArray<Value>(items.size());
  if (values == nullptr && !items.empty()) {
    return Value::Error(cel::ErrorCode::kTooMuchMemory, kNoMemory);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    values[i] = ItemOf(items[i]);
  }
  return Value::List({values, items.size()});
}

// The domain's map is ordered by bytes, as CEL's maps of text keys are.
Value MapOf(const std::map<std::string, std::string, std::less<>>& entries, cel::Arena& arena) {
  auto* const values = arena.AllocateArray<cel::MapEntry>(entries.size());
  if (values == nullptr && !entries.empty()) {
    return Value::Error(cel::ErrorCode::kTooMuchMemory, kNoMemory);
  }
  std::size_t i = 0;
  for (const auto& [key, value] : entries) {
    values[i++] = {.key = Value::String(key), .value = Value::String(value)};
  }
  return Value::Map({values, entries.size()});
}

struct ToValue : ScalarToValue {
  explicit ToValue(cel::Arena& memory) : arena(memory) {}
  cel::Arena& arena;
  using ScalarToValue::operator();
  Value operator()(const AttributeList& value) const { return ListOf(value, arena); }
  Value operator()(const AttributeRecordList&) const { return Value::List({}); }
};

template <typename T>
Value OptionalOf(const std::optional<T>& value) {
  return value ? Value::Of(*value) : Value::Absent();
}

void FillAttributes(const IncidentType& type, const Incident& incident, Scratch& scratch) {
  // Both are in the order of the names.
  auto spec = type.attributes.begin();
  for (const auto& [name, value] : incident.attributes) {
    while (spec != type.attributes.end() && spec->name < name) {
      ++spec;
    }
    if (spec != type.attributes.end() && spec->name == name) {
      scratch.frame[static_cast<std::size_t>(spec->slot)] =
          std::visit(ToValue{scratch.inputs}, value);
    }
  }
}

void FillCustomer(const PolicySet& policies, const IncidentType& type, const Customer& customer,
                  Scratch& scratch) {
  std::vector<Value>& frame = scratch.frame;
  constexpr std::array<std::string_view, 2> kChannels = {"email", "webhook"};
  frame[policy::kCustomerIdSlot] = Value::String(customer.id.text());
  frame[policy::kCustomerOrdersCompletedSlot] = Value::Int(customer.orders_completed);
  frame[policy::kCustomerSegmentSlot] = Value::String(customer.segment);
  frame[policy::kCustomerSinceSlot] = OptionalOf(customer.customer_since);
  frame[policy::kCustomerLifetimeValueSlot] = OptionalOf(customer.lifetime_value);
  frame[policy::kCustomerLocaleSlot] = Value::String(customer.locale);
  frame[policy::kCustomerTimeZoneSlot] = Value::String(customer.time_zone);
  frame[policy::kCustomerPreferredChannelSlot] =
      Value::String(kChannels.at(static_cast<std::size_t>(customer.preferred_channel)));
  if (policies.Reads(type, policy::kCustomerTagsSlot)) {
    frame[policy::kCustomerTagsSlot] = ListOf(customer.tags, scratch.inputs);
  }
  if (policies.Reads(type, policy::kCustomerAttributesSlot)) {
    frame[policy::kCustomerAttributesSlot] = MapOf(customer.attributes, scratch.inputs);
  }
}

void FillOrder(const Order& order, std::vector<Value>& frame) {
  frame[policy::kOrderIdSlot] = order.id.empty() ? Value::Absent() : Value::String(order.id.text());
  frame[policy::kOrderTotalSlot] = OptionalOf(order.total);
  frame[policy::kOrderPlacedAtSlot] = OptionalOf(order.placed_at);
}

}  // namespace

void FillFrame(const PolicySet& policies, const IncidentType& type, const Facts& facts,
               Scratch& scratch) {
  std::vector<Value>& frame = scratch.frame;
  scratch.inputs.Reset();
  frame.assign(static_cast<std::size_t>(policies.frame_slots()), Value::Absent());
  const Incident& incident = facts.incident;
  frame[policy::kNowSlot] = Value::Of(facts.now);
  frame[policy::kIncidentIdSlot] = Value::String(incident.id.text());
  frame[policy::kIncidentTypeSlot] = Value::String(type.name);
  frame[policy::kIncidentOccurredAtSlot] = Value::Of(incident.occurred_at);
  frame[policy::kIncidentRevisionSlot] = Value::Int(incident.revision);
  frame[policy::kIncidentReporterSlot] =
      Value::String(policy::kReporterNames.at(static_cast<std::size_t>(incident.reporter)));
  if (incident.order) {
    FillOrder(*incident.order, frame);
  }
  FillCustomer(policies, type, facts.customer, scratch);
  FillAttributes(type, incident, scratch);
}

}  // namespace kulanz::engine
