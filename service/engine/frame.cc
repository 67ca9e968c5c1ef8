#include "service/engine/frame.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "service/policy/customer_attributes.h"
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

Value OfScalar(const AttributeScalar& scalar) { return std::visit(ScalarToValue{}, scalar); }

// One entry per declared field, in the order of their names, as records of the language are.
Value RecordOf(const AttributeRecord& record, std::span<const policy::AttributeSpec> fields,
               cel::Arena& arena) {
  auto* const entries = arena.AllocateArray<cel::MapEntry>(fields.size());
  if (entries == nullptr) {
    return Value::Error(cel::ErrorCode::kTooMuchMemory, kNoMemory);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto found = record.find(fields[i].name);
    entries[i] = {.key = Value::String(fields[i].name),
                  .value = found == record.end() ? Value::Absent() : OfScalar(found->second)};
  }
  return Value::Record({entries, fields.size()});
}

Value RecordsOf(const AttributeRecordList& records, const policy::AttributeSpec& spec,
                cel::Arena& arena) {
  auto* const values = arena.AllocateArray<Value>(records.size());
  if (values == nullptr && !records.empty()) {
    return Value::Error(cel::ErrorCode::kTooMuchMemory, kNoMemory);
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    values[i] = RecordOf(records[i], spec.fields, arena);
  }
  return Value::List({values, records.size()});
}

struct ToValue : ScalarToValue {
  ToValue(const policy::AttributeSpec& declared, cel::Arena& memory)
      : spec(declared), arena(memory) {}
  const policy::AttributeSpec& spec;
  cel::Arena& arena;
  using ScalarToValue::operator();
  Value operator()(const AttributeList& value) const { return ListOf(value, arena); }
  Value operator()(const AttributeRecordList& value) const { return RecordsOf(value, spec, arena); }
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
          std::visit(ToValue{*spec, scratch.inputs}, value);
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

// What no expression of the type's policies reads is left out: texts take work to read.
void FillCustomerAttributes(const PolicySet& policies, const IncidentType& type,
                            const Customer& customer, std::vector<Value>& frame) {
  for (const policy::AttributeSpec& spec : policies.customer_attributes()) {
    const auto found = policies.Reads(type, spec.slot) ? customer.attributes.find(spec.name)
                                                       : customer.attributes.end();
    if (found == customer.attributes.end()) {
      continue;
    }
    const std::string& text = found->second;
    const std::optional<AttributeScalar> value = policy::ParseCustomerAttribute(text, spec);
    Value& slot = frame[static_cast<std::size_t>(spec.slot)];
    if (!value) {
      slot = Value::Error(cel::ErrorCode::kInvalidConversion,
                          "an attribute of the customer is no value of its declared type");
    } else {  // a text stands where the customer's does: the value that was read goes away
      slot = std::holds_alternative<std::string>(*value) ? Value::String(text) : OfScalar(*value);
    }
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
  scratch.input_notes.Reset();
  scratch.input_texts.assign(static_cast<std::size_t>(policies.input_slots()), {});
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
  FillCustomerAttributes(policies, type, facts.customer, frame);
  FillAttributes(type, incident, scratch);
}

}  // namespace kulanz::engine
