// Incidents as records, with their attributes.
#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "kulanz/record/v1/record.pb.h"
#include "service/app/record_fields.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

// `Out`: pb::Attribute or pb::Scalar, whose scalar fields are called the same.
template <typename Out>
struct ScalarWriter {
  Out& out;
  void operator()(bool value) const { out.set_bool_value(value); }
  void operator()(std::int64_t value) const { out.set_int_value(value); }
  void operator()(const Decimal& value) const { out.set_decimal_value(value.ToString()); }
  void operator()(const Money& value) const { WriteMoney(value, *out.mutable_money_value()); }
  void operator()(const std::string& value) const { out.set_string_value(value); }
  void operator()(Instant value) const { out.set_instant_ms(ToMillis(value)); }
  void operator()(Date value) const { out.set_date_days(RecordDays(value)); }
  void operator()(Duration value) const { out.set_duration_ms(value.count()); }
};

void WriteScalar(const AttributeScalar& scalar, pb::Scalar& out) {
  std::visit(ScalarWriter<pb::Scalar>{out}, scalar);
}

struct AttributeWriter : ScalarWriter<pb::Attribute> {
  using ScalarWriter<pb::Attribute>::operator();
  void operator()(const AttributeList& values) const {
    const bool texts = std::all_of(values.begin(), values.end(), [](const AttributeScalar& value) {
      return std::holds_alternative<std::string>(value);
    });
    if (texts) {
      pb::Attribute::Strings& strings = *out.mutable_strings();
      for (const AttributeScalar& value : values) {
        strings.add_values(std::get<std::string>(value));
      }
      return;
    }
    for (const AttributeScalar& value : values) {
      WriteScalar(value, *out.mutable_scalars()->add_items());
    }
  }
  void operator()(const AttributeRecordList& records) const {
    if (records.empty()) {
      out.mutable_strings();
      return;
    }
    for (const AttributeRecord& record : records) {
      pb::Attribute::Record& item = *out.mutable_records()->add_items();
      for (const auto& [name, value] : record) {
        pb::Attribute::Field& field = *item.add_fields();
        field.set_name(name);
        WriteScalar(value, *field.mutable_value());
      }
    }
  }
};

// The value of one of the scalar fields; nothing when none is set, or it is no value of ours.
template <typename In>
std::optional<AttributeScalar> ReadScalar(const In& in) {
  switch (in.value_case()) {
    case In::kBoolValue:
      return in.bool_value();
    case In::kIntValue:
      return std::int64_t{in.int_value()};
    case In::kDecimalValue:
      if (const auto decimal = Decimal::Parse(in.decimal_value())) {
        return *decimal;
      }
      return std::nullopt;
    case In::kMoneyValue:
      if (const auto money = ReadMoney(in.money_value())) {
        return *money;
      }
      return std::nullopt;
    case In::kStringValue:
      return in.string_value();
    case In::kInstantMs:
      return InstantFromMillis(in.instant_ms());
    case In::kDateDays:
      return Date{std::chrono::days{in.date_days()}};
    case In::kDurationMs:
      return Duration{in.duration_ms()};
    default:
      return std::nullopt;
  }
}

std::optional<AttributeValue> ReadScalars(const pb::Attribute::Scalars& in) {
  AttributeList list;
  for (const pb::Scalar& item : in.items()) {
    auto value = ReadScalar(item);
    if (!value) {
      return std::nullopt;
    }
    list.push_back(*std::move(value));
  }
  return list;
}

std::optional<AttributeValue> ReadRecords(const pb::Attribute::Records& in) {
  AttributeRecordList records;
  for (const pb::Attribute::Record& item : in.items()) {
    AttributeRecord& record = records.emplace_back();
    for (const pb::Attribute::Field& field : item.fields()) {
      auto value = ReadScalar(field.value());
      if (!value) {
        return std::nullopt;
      }
      record.insert_or_assign(field.name(), *std::move(value));
    }
  }
  return records;
}

std::optional<AttributeValue> ReadAttribute(const pb::Attribute& in) {
  if (in.has_strings()) {
    return AttributeList(in.strings().values().begin(), in.strings().values().end());
  }
  if (in.has_scalars()) {
    return ReadScalars(in.scalars());
  }
  if (in.has_records()) {
    return ReadRecords(in.records());
  }
  auto scalar = ReadScalar(in);
  if (!scalar) {
    return std::nullopt;
  }
  return std::visit([](auto& value) { return AttributeValue(std::move(value)); }, *scalar);
}

bool ReadOrder(const pb::Order& in, Order& order) {
  order.id = OrderId(in.id());
  if (in.has_total()) {
    order.total = ReadMoney(in.total());
    if (!order.total) {
      return false;
    }
  }
  if (in.has_placed_at_ms()) {
    order.placed_at = InstantFromMillis(in.placed_at_ms());
  }
  return true;
}

}  // namespace

void WriteIncident(const Incident& incident, pb::Incident& out) {
  out.set_id(incident.id.text());
  out.set_customer(incident.customer.text());
  out.set_type(incident.type);
  out.set_occurred_at_ms(ToMillis(incident.occurred_at));
  out.set_revision(incident.revision);
  out.set_reporter(static_cast<std::uint32_t>(incident.reporter));
  if (incident.order) {
    pb::Order& order = *out.mutable_order();
    order.set_id(incident.order->id.text());
    if (incident.order->total) {
      WriteMoney(*incident.order->total, *order.mutable_total());
    }
    if (incident.order->placed_at) {
      order.set_placed_at_ms(ToMillis(*incident.order->placed_at));
    }
  }
  for (const auto& [name, value] : incident.attributes) {
    pb::Attribute& attribute = *out.add_attributes();
    attribute.set_name(name);
    std::visit(AttributeWriter{{attribute}}, value);
  }
}

bool ReadIncident(const pb::Incident& in, Incident& incident) {
  incident.id = IncidentId(in.id());
  incident.customer = CustomerId(in.customer());
  incident.type = in.type();
  incident.occurred_at = InstantFromMillis(in.occurred_at_ms());
  incident.revision = in.revision();
  if (!ReadRecordEnum(in.reporter(), Reporter::kCustomer, incident.reporter)) {
    return false;
  }
  if (in.has_order() && !ReadOrder(in.order(), incident.order.emplace())) {
    return false;
  }
  for (const pb::Attribute& attribute : in.attributes()) {
    auto value = ReadAttribute(attribute);
    if (!value) {
      return false;
    }
    incident.attributes.insert_or_assign(attribute.name(), *std::move(value));
  }
  return true;
}

}  // namespace kulanz::app
