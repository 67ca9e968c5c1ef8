#include "service/adapters/grpc/read_incident.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

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

std::optional<Decimal> ReadDecimal(FieldReader& reader, const FieldPath& path,
                                   const std::string& text) {
  const std::optional<Decimal> decimal =
      text.size() <= kDecimalBytesMax ? Decimal::Parse(text) : std::nullopt;
  if (!decimal) {
    reader.Violate(path,
                   "is no decimal number such as -12.50 of at most 18 decimals, or too large");
  }
  return decimal;
}

template <typename T>
std::optional<AttributeScalar> Widened(std::optional<T> value) {
  return value ? std::optional<AttributeScalar>(*std::move(value)) : std::nullopt;
}

// `Message`: v1::AttributeValue or v1::AttributeScalar, whose scalar kinds are called the same.
template <typename Message>
std::optional<AttributeScalar> ReadScalar(FieldReader& reader, const FieldPath& path,
                                          const Message& message) {
  switch (message.kind_case()) {
    case Message::kBoolValue:
      return message.bool_value();
    case Message::kIntValue:
      return std::int64_t{message.int_value()};
    case Message::kDecimalValue:
      return Widened(ReadDecimal(reader, path, message.decimal_value()));
    case Message::kMoneyValue:
      return Widened(reader.ReadMoney(path, message.money_value()));
    case Message::kStringValue:
      if (!reader.CheckText(path, message.string_value(), 0, kAttributeStringBytesMax)) {
        return std::nullopt;
      }
      return message.string_value();
    case Message::kTimestampValue:
      return Widened(reader.ReadInstant(path, message.timestamp_value()));
    case Message::kDateValue:
      return Widened(reader.ReadDate(path, message.date_value()));
    case Message::kDurationValue:
      return Widened(reader.ReadDuration(path, message.duration_value()));
    default:
      reader.Violate(path, "has no value");
      return std::nullopt;
  }
}

// Whether a list is not too long.
bool CheckSize(FieldReader& reader, const FieldPath& path, int size, std::size_t size_max,
               std::string_view what) {
  if (size <= static_cast<int>(size_max)) {
    return true;
  }
  reader.Violate(path, "has " + std::to_string(size) + " " + std::string(what) + "; at most " +
                           std::to_string(size_max) + " are allowed");
  return false;
}

std::optional<AttributeValue> ReadStrings(FieldReader& reader, const FieldPath& path,
                                          const v1::StringList& message) {
  if (!CheckSize(reader, path, message.values_size(), kAttributeListMax, "values")) {
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

std::optional<AttributeValue> ReadList(FieldReader& reader, const FieldPath& path,
                                       const v1::AttributeList& message) {
  if (!CheckSize(reader, path, message.items_size(), kAttributeListMax, "values")) {
    return std::nullopt;
  }
  AttributeList values;
  bool ok = true;
  for (std::size_t i = 0; i < static_cast<std::size_t>(message.items_size()); ++i) {
    auto value = ReadScalar(reader, path.Index(i), message.items(static_cast<int>(i)));
    ok &= value.has_value();
    if (value) {
      values.push_back(*std::move(value));
    }
  }
  return ok ? std::optional<AttributeValue>(std::move(values)) : std::nullopt;
}

// A protobuf map has no order; the domain's has one, and so do the violations.
template <typename Map>
auto Ordered(const Map& map) {
  std::map<std::string_view, const typename Map::mapped_type*> ordered;
  for (const auto& [name, value] : map) {
    ordered.emplace(name, &value);
  }
  return ordered;
}

bool ReadRecord(FieldReader& reader, const FieldPath& path, const v1::AttributeRecord& message,
                AttributeRecord& record) {
  if (!CheckSize(reader, path, static_cast<int>(message.fields().size()), kRecordFieldsMax,
                 "entries")) {
    return false;
  }
  bool ok = true;
  for (const auto& [name, value] : Ordered(message.fields())) {
    const FieldPath here = path.Key(name);
    std::string text(name);
    auto read = reader.CheckText(here, text, 1, kAttributeNameBytesMax)
                    ? ReadScalar(reader, here, *value)
                    : std::nullopt;
    ok &= read.has_value();
    if (read) {
      record.emplace(std::move(text), *std::move(read));
    }
  }
  return ok;
}

std::optional<AttributeValue> ReadRecords(FieldReader& reader, const FieldPath& path,
                                          const v1::AttributeRecordList& message) {
  if (!CheckSize(reader, path, message.items_size(), kAttributeListMax, "records")) {
    return std::nullopt;
  }
  AttributeRecordList records;
  bool ok = true;
  for (std::size_t i = 0; i < static_cast<std::size_t>(message.items_size()); ++i) {
    ok &= ReadRecord(reader, path.Index(i), message.items(static_cast<int>(i)),
                     records.emplace_back());
  }
  return ok ? std::optional<AttributeValue>(std::move(records)) : std::nullopt;
}

std::optional<AttributeValue> ReadValue(FieldReader& reader, const FieldPath& path,
                                        const v1::AttributeValue& message) {
  switch (message.kind_case()) {
    case v1::AttributeValue::kListValue:
      return ReadStrings(reader, path, message.list_value());
    case v1::AttributeValue::kList:
      return ReadList(reader, path, message.list());
    case v1::AttributeValue::kRecords:
      return ReadRecords(reader, path, message.records());
    default:
      break;
  }
  auto scalar = ReadScalar(reader, path, message);
  if (!scalar) {
    return std::nullopt;
  }
  return std::visit([](auto& value) { return AttributeValue(std::move(value)); }, *scalar);
}

void ReadIncidentAttributes(FieldReader& reader, const FieldPath& path, const v1::Incident& message,
                            Incident& incident) {
  if (message.attributes().size() > kIncidentAttributesMax) {
    reader.Violate(path, "has " + std::to_string(message.attributes().size()) +
                             " entries; at most " + std::to_string(kIncidentAttributesMax) +
                             " are allowed");
    return;
  }
  for (const auto& [name, value] : Ordered(message.attributes())) {
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
  ReadIncidentAttributes(reader, path.Field("attributes"), message, incident);
  return incident;
}

}  // namespace kulanz::rpc
