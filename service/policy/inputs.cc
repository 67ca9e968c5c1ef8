#include "service/policy/inputs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/base/check.h"
#include "service/domain/customer.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

using cel::Field;
using cel::Type;

void Check(const Status& status) {
  KULANZ_CHECK(status.ok(), "the names of the policy language are declared once");
}

Type ScalarTypeOf(AttributeType type) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kEnum:
      return Type::String();
    case AttributeType::kInt:
      return Type::Int();
    case AttributeType::kDecimal:
      return Type::Decimal();
    case AttributeType::kMoney:
      return Type::Money();
    case AttributeType::kBool:
      return Type::Bool();
    case AttributeType::kTimestamp:
      return Type::Timestamp();
    case AttributeType::kDate:
      return Type::Date();
    case AttributeType::kDuration:
      return Type::Duration();
    case AttributeType::kList:
      break;
  }
  return Type::Error();
}

// Records have the name of their attribute: one environment has one attribute of a name.
Type TypeOf(const AttributeSpec& spec) {
  if (spec.type != AttributeType::kList) {
    return ScalarTypeOf(spec.type);
  }
  return Type::List(spec.fields.empty() ? ScalarTypeOf(spec.item_type) : Type::Record(spec.name));
}

// "timestamp", "list of int", "list of {date: date, minutes: int}".
std::string DescriptionOf(const AttributeSpec& spec) {
  if (spec.type != AttributeType::kList) {
    return std::string(AttributeTypeName(spec.type));
  }
  if (spec.fields.empty()) {
    return "list of " + std::string(AttributeTypeName(spec.item_type));
  }
  std::string fields;
  for (const AttributeSpec& field : spec.fields) {
    fields += (fields.empty() ? "" : ", ") + field.name + ": " + DescriptionOf(field);
  }
  return "list of {" + fields + "}";
}

// What stands for an attribute of several types: the widest of their declarations.
struct MergedAttribute {
  AttributeSpec spec;
  std::string_view first_type;  // the incident type that declared it first
  std::size_t declared_by = 1;
  bool conflicting = false;
};

// So that what either allows is allowed, and what both require is certain.
void Widen(const AttributeSpec& other, AttributeSpec& spec) {
  spec.required = spec.required && other.required;
  spec.max_length = std::max(spec.max_length, other.max_length);
  spec.max_size = std::max(spec.max_size, other.max_size);
  if (spec.currency != other.currency) {
    spec.currency.reset();
  }
  for (const std::string& value : other.values) {
    if (std::find(spec.values.begin(), spec.values.end(), value) == spec.values.end()) {
      spec.values.push_back(value);
    }
  }
}

void Merge(const AttributeSpec& other, std::string_view other_type, MergedAttribute& merged,
           std::vector<AttributeConflict>& conflicts) {
  AttributeSpec& spec = merged.spec;
  ++merged.declared_by;
  const std::string description = DescriptionOf(spec);
  const std::string other_description = DescriptionOf(other);
  if (description != other_description) {
    if (!std::exchange(merged.conflicting, true)) {
      conflicts.push_back(
          {.attribute = spec.name,
           .first = "of type " + description + " in " + std::string(merged.first_type),
           .second = "of type " + other_description + " in " + std::string(other_type)});
    }
    return;
  }
  Widen(other, spec);
  for (std::size_t i = 0; i < spec.fields.size(); ++i) {  // the same names and types
    Widen(other.fields[i], spec.fields[i]);
  }
}

Field MakeField(std::string name, Type type, int slot) {
  Field field;
  field.name = std::move(name);
  field.type = std::move(type);
  field.slot = slot;
  return field;
}
Field MakeOptional(std::string name, Type type, int slot, bool assume_present) {
  Field field = MakeField(std::move(name), std::move(type), slot);
  field.required = assume_present;
  return field;
}
Field MakeText(std::string name, std::size_t size_max, int slot) {
  Field field = MakeField(std::move(name), Type::String(), slot);
  field.max_size = static_cast<std::uint32_t>(size_max);
  return field;
}
Field MakeEnum(std::string name, std::vector<std::string> literals, int slot) {
  Field field = MakeField(std::move(name), Type::String(), slot);
  field.literals = std::move(literals);
  return field;
}
// A list or map of texts.
Field MakeSized(std::string name, Type type, std::size_t size_max, std::size_t item_size_max,
                int slot) {
  Field field = MakeField(std::move(name), std::move(type), slot);
  field.max_size = static_cast<std::uint32_t>(size_max);
  field.item_max_size = static_cast<std::uint32_t>(item_size_max);
  return field;
}

Field FieldOf(const AttributeSpec& spec, bool required) {
  const bool is_list = spec.type == AttributeType::kList;
  Field field = MakeField(spec.name, TypeOf(spec), spec.slot);
  field.required = required;
  field.literals = spec.values;
  field.max_size = is_list ? spec.max_size : spec.max_length;
  field.item_max_size = is_list ? spec.max_length : 0;
  field.currency = spec.currency;
  field.description = spec.description;
  return field;
}

void AddRecord(const AttributeSpec& spec, cel::Environment& environment) {
  std::vector<Field> fields;
  for (const AttributeSpec& field : spec.fields) {
    if (IsName(field.name, '_') && !IsReservedWord(field.name)) {  // others are reported
      fields.push_back(FieldOf(field, field.required));
    }
  }
  Check(environment.AddRecord(spec.name, std::move(fields)));
}

std::vector<Field> AttributeFields(std::span<const IncidentType* const> types, bool assume_present,
                                   std::vector<AttributeConflict>& conflicts,
                                   cel::Environment& environment) {
  std::map<std::string_view, MergedAttribute> merged;
  for (const IncidentType* type : types) {
    for (const AttributeSpec& spec : type->attributes) {
      const auto [place, is_new] =
          merged.try_emplace(spec.name, MergedAttribute{.spec = spec, .first_type = type->name});
      if (!is_new) {
        Merge(spec, type->name, place->second, conflicts);
      }
    }
  }
  std::vector<Field> fields;
  for (const auto& [name, attribute] : merged) {
    if (attribute.conflicting) {  // agrees with everything, so that expressions are not blamed too
      fields.push_back(MakeField(attribute.spec.name, Type::Error(), attribute.spec.slot));
    } else if (IsName(name, '_') && !IsReservedAttribute(name)) {  // others are reported
      const AttributeSpec& spec = attribute.spec;
      if (!spec.fields.empty()) {
        AddRecord(spec, environment);
      }
      const bool certain = spec.required && attribute.declared_by == types.size();
      fields.push_back(FieldOf(spec, assume_present || certain));
    }
  }
  return fields;
}

void AddIncident(std::span<const IncidentType* const> types, cel::Environment& environment) {
  std::vector<std::string> names;
  for (const IncidentType* type : types) {
    names.push_back(type->name);
  }
  const std::vector<std::string> reporters(kReporterNames.begin(), kReporterNames.end());
  Check(environment.AddStruct(
      "incident",
      {MakeText("id", kIdBytesMax, kIncidentIdSlot), MakeEnum("type", names, kIncidentTypeSlot),
       MakeField("occurred_at", Type::Timestamp(), kIncidentOccurredAtSlot),
       MakeField("revision", Type::Int(), kIncidentRevisionSlot),
       MakeEnum("reporter", reporters, kIncidentReporterSlot)}));
}

void AddOrder(std::span<const IncidentType* const> types, bool assume_present,
              cel::Environment& environment) {
  const auto all = [types, assume_present](bool OrderRule::*required) {
    return assume_present ||
           std::all_of(types.begin(), types.end(),
                       [required](const IncidentType* type) { return type->order.*required; });
  };
  Field id = MakeText("id", kIdBytesMax, kOrderIdSlot);
  id.required = all(&OrderRule::id_required);
  Field total = MakeField("total", Type::Money(), kOrderTotalSlot);
  total.required = all(&OrderRule::total_required);
  Field placed_at = MakeField("placed_at", Type::Timestamp(), kOrderPlacedAtSlot);
  placed_at.required = all(&OrderRule::placed_at_required);
  Check(environment.AddStruct("order", {std::move(id), std::move(total), std::move(placed_at)}));
}

void AddCustomer(bool assume_present, cel::Environment& environment) {
  Check(environment.AddStruct(
      "customer",
      {MakeText("id", kIdBytesMax, kCustomerIdSlot),
       MakeField("orders_completed", Type::Int(), kCustomerOrdersCompletedSlot),
       MakeText("segment", kSegmentBytesMax, kCustomerSegmentSlot),
       MakeSized("tags", Type::List(Type::String()), kTagsMax, kTagBytesMax, kCustomerTagsSlot),
       MakeOptional("customer_since", Type::Date(), kCustomerSinceSlot, assume_present),
       MakeOptional("lifetime_value", Type::Money(), kCustomerLifetimeValueSlot, assume_present),
       MakeText("locale", kLocaleBytesMax, kCustomerLocaleSlot),
       MakeText("time_zone", kTimeZoneBytesMax, kCustomerTimeZoneSlot),
       MakeEnum("preferred_channel", {"email", "webhook"}, kCustomerPreferredChannelSlot),
       MakeSized("attributes", Type::Map(Type::String(), Type::String()), kCustomerAttributesMax,
                 kCustomerAttributeBytesMax, kCustomerAttributesSlot)}));
}

void AddCustomerAttributes(std::span<const AttributeSpec> attributes, bool assume_present,
                           cel::Environment& environment) {
  std::vector<Field> fields;
  for (const AttributeSpec& spec : attributes) {
    if (IsName(spec.name, '_') && !IsReservedCustomerAttribute(spec.name)) {  // others are reported
      fields.push_back(FieldOf(spec, assume_present));
    }
  }
  Check(environment.AddStruct("customer", std::move(fields)));
}

// A calendar or table whose name is none has been reported.
void AddSharedData(const SharedData& shared, cel::Environment& environment) {
  for (const auto& [name, calendar] : shared.calendars) {
    Check(environment.AddCalendar(name, calendar));
  }
  for (const auto& [name, table] : shared.tables) {
    Check(environment.AddRateTable(name, table));
  }
}

cel::Environment MakeEnvironment(std::span<const IncidentType* const> types, const TimeZone& zone,
                                 const SharedData& shared, bool assume_present,
                                 std::vector<AttributeConflict>& conflicts) {
  cel::Environment environment(cel::Mode::kPolicy);
  environment.SetZone(zone);
  Check(environment.AddVariable(MakeField("now", Type::Timestamp(), kNowSlot)));
  AddIncident(types, environment);
  Check(environment.AddStruct("incident",
                              AttributeFields(types, assume_present, conflicts, environment)));
  AddOrder(types, assume_present, environment);
  AddCustomer(assume_present, environment);
  AddCustomerAttributes(shared.customer_attributes, assume_present, environment);
  Check(environment.AddStruct("vars", {}));
  AddSharedData(shared, environment);
  return environment;
}

}  // namespace

InputLayout::InputLayout(std::span<IncidentType> types,
                         std::span<AttributeSpec> customer_attributes) {
  std::map<std::string_view, int> slots;
  for (IncidentType& type : types) {
    for (AttributeSpec& spec : type.attributes) {
      const auto [place, is_new] = slots.try_emplace(spec.name, first_variable_);
      first_variable_ += is_new ? 1 : 0;
      spec.slot = place->second;
    }
  }
  for (AttributeSpec& spec : customer_attributes) {
    spec.slot = first_variable_++;
  }
}

const PolicyInputs& InputsOfPolicies::For(const std::vector<const IncidentType*>& types,
                                          const TimeZone& zone) {
  const auto [place, is_new] = made_.try_emplace({types, zone.name()});
  PolicyInputs& inputs = place->second;
  if (is_new) {
    std::vector<AttributeConflict> reported;
    inputs.declared = MakeEnvironment(types, zone, shared_, false, inputs.conflicts);
    inputs.present = MakeEnvironment(types, zone, shared_, true, reported);
  }
  return inputs;
}

}  // namespace kulanz::policy
