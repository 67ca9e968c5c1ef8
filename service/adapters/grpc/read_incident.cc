#include "service/adapters/grpc/read_incident.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kulanz::rpc {
namespace {

Reporter ReadReporter(FieldReader& reader, const FieldPath& path, v1::Reporter message) {
  switch (message) {
    case v1::REPORTER_UNSPECIFIED:
    case v1::REPORTER_SYSTEM:
      return Reporter::kSystem;
    case v1::REPORTER_AGENT:
      return Reporter::kAgent;
    case v1::REPORTER_CUSTOMER:
      return Reporter::kCustomer;
    default:  // proto3 enums are open: a newer client may send a newer literal.
      reader.Violate(path, "is no reporter that this server knows");
      return Reporter::kSystem;
  }
}

std::optional<AttributeValue> ReadList(FieldReader& reader, const FieldPath& path,
                                       const v1::StringList& message) {
  if (message.values_size() > static_cast<int>(kAttributeListMax)) {
    reader.Violate(path, "has " + std::to_string(message.values_size()) + " values; at most " +
                             std::to_string(kAttributeListMax) + " are allowed");
    return std::nullopt;
  }
  AttributeList values;
  values.reserve(static_cast<std::size_t>(message.values_size()));
  bool ok = true;
  for (const std::string& value : message.values()) {
    ok &= reader.CheckText(path.Index(values.size()), value, 0, kAttributeStringBytesMax);
    values.emplace_back(value);
  }
  return ok ? std::optional<AttributeValue>(std::move(values)) : std::nullopt;
}

std::optional<AttributeValue> ReadDecimal(FieldReader& reader, const FieldPath& path,
                                          const std::string& text) {
  const std::optional<Decimal> decimal =
      text.size() <= kDecimalBytesMax ? Decimal::Parse(text) : std::nullopt;
  if (!decimal) {
    reader.Violate(path,
                   "is no decimal number such as -12.50 of at most 18 decimals, or too large");
    return std::nullopt;
  }
  return *decimal;
}

template <typename T>
std::optional<AttributeValue> Widened(std::optional<T> value) {
  return value ? std::optional<AttributeValue>(*std::move(value)) : std::nullopt;
}

std::optional<AttributeValue> ReadValue(FieldReader& reader, const FieldPath& path,
                                        const v1::AttributeValue& message) {
  switch (message.kind_case()) {
    case v1::AttributeValue::kBoolValue:
      return message.bool_value();
    case v1::AttributeValue::kIntValue:
      return message.int_value();
    case v1::AttributeValue::kDecimalValue:
      return ReadDecimal(reader, path, message.decimal_value());
    case v1::AttributeValue::kMoneyValue:
      return Widened(reader.ReadMoney(path, message.money_value()));
    case v1::AttributeValue::kStringValue:
      if (!reader.CheckText(path, message.string_value(), 0, kAttributeStringBytesMax)) {
        return std::nullopt;
      }
      return message.string_value();
    case v1::AttributeValue::kTimestampValue:
      return Widened(reader.ReadInstant(path, message.timestamp_value()));
    case v1::AttributeValue::kDateValue:
      return Widened(reader.ReadDate(path, message.date_value()));
    case v1::AttributeValue::kDurationValue:
      return Widened(reader.ReadDuration(path, message.duration_value()));
    case v1::AttributeValue::kListValue:
      return ReadList(reader, path, message.list_value());
    case v1::AttributeValue::KIND_NOT_SET:
      break;
  }
  reader.Violate(path, "has no value");
  return std::nullopt;
}

void ReadAttributes(FieldReader& reader, const FieldPath& path, const v1::Incident& message,
                    Incident& incident) {
  if (message.attributes().size() > kIncidentAttributesMax) {
    reader.Violate(path, "has " + std::to_string(message.attributes().size()) +
                             " entries; at most " + std::to_string(kIncidentAttributesMax) +
                             " are allowed");
    return;
  }
  // A protobuf map has no order; the domain's has one, and so do the violations.
  std::map<std::string_view, const v1::AttributeValue*> ordered;
  for (const auto& [name, value] : message.attributes()) {
    ordered.emplace(name, &value);
  }
  for (const auto& [name, value] : ordered) {
    const FieldPath here = path.Key(name);
    std::string text(name);
    if (!reader.CheckText(here, text, 1, kAttributeNameBytesMax)) {
      continue;
    }
    if (std::optional<AttributeValue> read = ReadValue(reader, here, *value)) {
      incident.attributes.emplace_hint(incident.attributes.end(), std::move(text),
                                       *std::move(read));
    }
  }
}

Order ReadOrder(FieldReader& reader, const FieldPath& path, const v1::Order& message) {
  Order order;
  order.id = reader.ReadId<OrderId>(path.Field("order_id"), message.order_id());
  if (message.has_total()) {
    order.total = reader.ReadMoney(path.Field("total"), message.total());
  }
  if (message.has_placed_at()) {
    order.placed_at = reader.ReadInstant(path.Field("placed_at"), message.placed_at());
  }
  return order;
}

}  // namespace

Incident ReadIncident(FieldReader& reader, const FieldPath& path, const v1::Incident& message) {
  Incident incident;
  incident.id = reader.ReadId<IncidentId>(path.Field("incident_id"), message.incident_id());
  incident.customer = reader.ReadId<CustomerId>(path.Field("customer_id"), message.customer_id());
  reader.CheckText(path.Field("type"), message.type(), 1, kIncidentTypeBytesMax);
  incident.type = message.type();
  if (!message.has_occurred_at()) {
    reader.Violate(path.Field("occurred_at"), "is required");
  } else if (const auto at = reader.ReadInstant(path.Field("occurred_at"), message.occurred_at())) {
    incident.occurred_at = *at;
  }
  if (message.revision() > kIncidentRevisionMax) {
    reader.Violate(path.Field("revision"), "is more than " + std::to_string(kIncidentRevisionMax));
  }
  incident.revision = message.revision();
  incident.reporter = ReadReporter(reader, path.Field("reporter"), message.reporter());
  if (message.has_order()) {
    incident.order = ReadOrder(reader, path.Field("order"), message.order());
  }
  ReadAttributes(reader, path.Field("attributes"), message, incident);
  return incident;
}

}  // namespace kulanz::rpc
