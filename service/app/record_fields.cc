#include "service/app/record_fields.h"

#include <array>

#include "kulanz/record/v1/record.pb.h"
#include "service/base/check.h"
#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

template <typename Enum>
bool ReadEnum(std::uint32_t in, Enum last, Enum& out) {
  if (in > static_cast<std::uint32_t>(last)) {
    return false;
  }
  out = static_cast<Enum>(in);
  return true;
}

// Revisions are 64 hexadecimal digits in the domain and 32 bytes in the record.
std::string BytesFromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

// Years 1 to 9999 are less than 2^22 days from 1970.
std::int32_t DaysOf(Date date) {
  return static_cast<std::int32_t>(date.time_since_epoch().count());
}

struct AttributeWriter {
  pb::Attribute& out;
  void operator()(bool value) const { out.set_bool_value(value); }
  void operator()(std::int64_t value) const { out.set_int_value(value); }
  void operator()(const Decimal& value) const { out.set_decimal_value(value.ToString()); }
  void operator()(const Money& value) const { WriteMoney(value, *out.mutable_money_value()); }
  void operator()(const std::string& value) const { out.set_string_value(value); }
  void operator()(Instant value) const { out.set_instant_ms(ToMillis(value)); }
  void operator()(Date value) const { out.set_date_days(DaysOf(value)); }
  void operator()(Duration value) const { out.set_duration_ms(value.count()); }
  void operator()(const AttributeList& values) const {
    pb::Attribute::Strings& strings = *out.mutable_strings();
    for (const AttributeScalar& value : values) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        strings.add_values(*text);
      }
    }
  }
  void operator()(const AttributeRecordList&) const { out.mutable_strings(); }
};

std::optional<AttributeValue> ReadAttribute(const pb::Attribute& in) {
  switch (in.value_case()) {
    case pb::Attribute::kBoolValue:
      return in.bool_value();
    case pb::Attribute::kIntValue:
      return std::int64_t{in.int_value()};
    case pb::Attribute::kDecimalValue:
      if (const auto decimal = Decimal::Parse(in.decimal_value())) {
        return *decimal;
      }
      return std::nullopt;
    case pb::Attribute::kMoneyValue:
      if (const auto money = ReadMoney(in.money_value())) {
        return *money;
      }
      return std::nullopt;
    case pb::Attribute::kStringValue:
      return in.string_value();
    case pb::Attribute::kInstantMs:
      return InstantFromMillis(in.instant_ms());
    case pb::Attribute::kDateDays:
      return Date{std::chrono::days{in.date_days()}};
    case pb::Attribute::kDurationMs:
      return Duration{in.duration_ms()};
    case pb::Attribute::kStrings:
      return AttributeList(in.strings().values().begin(), in.strings().values().end());
    case pb::Attribute::VALUE_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

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
    std::visit(AttributeWriter{attribute}, value);
  }
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

bool ReadIncident(const pb::Incident& in, Incident& incident) {
  incident.id = IncidentId(in.id());
  incident.customer = CustomerId(in.customer());
  incident.type = in.type();
  incident.occurred_at = InstantFromMillis(in.occurred_at_ms());
  incident.revision = in.revision();
  if (!ReadEnum(in.reporter(), Reporter::kCustomer, incident.reporter)) {
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

void WriteTerms(const VoucherTerms& terms, pb::VoucherTerms& out) {
  WriteMoney(terms.amount, *out.mutable_amount());
  out.set_valid_until_ms(ToMillis(terms.valid_until));
  out.set_zone(terms.zone);
  out.set_prefix(terms.prefix);
  if (terms.minimum_order) {
    KULANZ_CHECK(terms.minimum_order->currency() == terms.amount.currency(),
                 "a policy has one currency");
    out.set_minimum_order_minor_units(terms.minimum_order->minor_units());
  }
  out.set_transferable(terms.transferable);
}

std::optional<VoucherTerms> ReadTerms(const pb::VoucherTerms& in) {
  const auto amount = ReadMoney(in.amount());
  if (!amount) {
    return std::nullopt;
  }
  VoucherTerms terms{.amount = *amount,
                     .valid_until = InstantFromMillis(in.valid_until_ms()),
                     .zone = in.zone(),
                     .prefix = in.prefix(),
                     .minimum_order = std::nullopt,
                     .transferable = in.transferable()};
  if (in.has_minimum_order_minor_units()) {
    terms.minimum_order = Money::FromMinorUnits(in.minimum_order_minor_units(), amount->currency());
    if (!terms.minimum_order) {
      return std::nullopt;
    }
  }
  return terms;
}

bool ReadShadow(const pb::ShadowDecision& in, ShadowDecision& shadow) {
  shadow.policy = PolicyId(in.policy());
  shadow.reason = in.reason();
  if (in.has_amount()) {
    shadow.amount = ReadMoney(in.amount());
    if (!shadow.amount) {
      return false;
    }
  }
  return ReadEnum(in.outcome(), Outcome::kApologised, shadow.outcome);
}

}  // namespace

void WriteMoney(Money money, pb::Money& out) {
  out.set_minor_units(money.minor_units());
  out.set_currency(std::string(money.currency().code()));
}

std::optional<Money> ReadMoney(const pb::Money& in) {
  const auto currency = Currency::FromCode(in.currency());
  return currency ? Money::FromMinorUnits(in.minor_units(), *currency) : std::nullopt;
}

void WriteDecision(const Decision& decision, pb::Decision& out) {
  WriteIncident(decision.incident, *out.mutable_incident());
  out.set_outcome(static_cast<std::uint32_t>(decision.outcome));
  if (decision.reason != reason::kGranted) {
    out.set_reason(decision.reason);
  }
  out.set_policy(decision.policy.text());
  out.set_revision(BytesFromHex(decision.revision.text()));
  out.set_department(decision.department);
  out.set_decided_at_ms(ToMillis(decision.decided_at));
  if (decision.voucher) {
    WriteTerms(*decision.voucher, *out.mutable_voucher());
  }
  if (decision.delivery) {
    pb::DeliveryTerms& delivery = *out.mutable_delivery();
    if (decision.delivery->message != decision.policy.text()) {
      delivery.set_message(decision.delivery->message);
    }
    delivery.set_signed_by(decision.delivery->signed_by);
    delivery.set_wait_ms(decision.delivery->wait.count());
  }
  out.set_once_per(decision.once_per);
  out.mutable_limit_keys()->Assign(decision.limit_keys.begin(), decision.limit_keys.end());
  for (const ShadowDecision& shadow : decision.shadow) {
    pb::ShadowDecision& entry = *out.add_shadow();
    entry.set_policy(shadow.policy.text());
    entry.set_outcome(static_cast<std::uint32_t>(shadow.outcome));
    entry.set_reason(shadow.reason);
    if (shadow.amount) {
      WriteMoney(*shadow.amount, *entry.mutable_amount());
    }
  }
}

bool ReadDecision(const pb::Decision& in, Decision& decision) {
  if (!ReadIncident(in.incident(), decision.incident) ||
      !ReadEnum(in.outcome(), Outcome::kApologised, decision.outcome)) {
    return false;
  }
  decision.reason = in.reason().empty() ? std::string(reason::kGranted) : in.reason();
  decision.policy = PolicyId(in.policy());
  decision.revision = PolicyRevision(ToHex(in.revision()));
  decision.department = in.department();
  decision.decided_at = InstantFromMillis(in.decided_at_ms());
  if (in.has_voucher()) {
    decision.voucher = ReadTerms(in.voucher());
    if (!decision.voucher) {
      return false;
    }
  }
  if (in.has_delivery()) {
    const std::string& message = in.delivery().message();
    decision.delivery = DeliveryTerms{.message = message.empty() ? in.policy() : message,
                                      .signed_by = in.delivery().signed_by(),
                                      .wait = Duration{in.delivery().wait_ms()},
                                      .quiet_hours = std::nullopt};
  }
  decision.once_per = in.once_per();
  decision.limit_keys.assign(in.limit_keys().begin(), in.limit_keys().end());
  for (const pb::ShadowDecision& entry : in.shadow()) {
    if (!ReadShadow(entry, decision.shadow.emplace_back())) {
      return false;
    }
  }
  return true;
}

void WriteCustomer(const Customer& customer, pb::Customer& out) {
  out.set_id(customer.id.text());
  out.set_given_name(customer.given_name);
  out.set_family_name(customer.family_name);
  out.set_salutation(static_cast<std::uint32_t>(customer.salutation));
  out.set_email(customer.email);
  out.set_locale(customer.locale);
  out.set_time_zone(customer.time_zone);
  if (customer.customer_since) {
    out.set_customer_since_days(DaysOf(*customer.customer_since));
  }
  out.set_orders_completed(customer.orders_completed);
  if (customer.lifetime_value) {
    WriteMoney(*customer.lifetime_value, *out.mutable_lifetime_value());
  }
  out.set_segment(customer.segment);
  for (const std::string& tag : customer.tags) {
    out.add_tags(tag);
  }
  out.set_preferred_channel(static_cast<std::uint32_t>(customer.preferred_channel));
  out.set_contact_consent(customer.contact_consent);
  out.set_blocked(customer.blocked);
  for (const auto& [name, value] : customer.attributes) {
    (*out.mutable_attributes())[name] = value;
  }
}

bool ReadCustomer(const pb::Customer& in, Customer& customer) {
  customer.id = CustomerId(in.id());
  customer.given_name = in.given_name();
  customer.family_name = in.family_name();
  customer.email = in.email();
  customer.locale = in.locale();
  customer.time_zone = in.time_zone();
  if (in.has_customer_since_days()) {
    customer.customer_since = Date{std::chrono::days{in.customer_since_days()}};
  }
  customer.orders_completed = in.orders_completed();
  if (in.has_lifetime_value()) {
    customer.lifetime_value = ReadMoney(in.lifetime_value());
    if (!customer.lifetime_value) {
      return false;
    }
  }
  customer.segment = in.segment();
  customer.tags.assign(in.tags().begin(), in.tags().end());
  customer.contact_consent = in.contact_consent();
  customer.blocked = in.blocked();
  for (const auto& [name, value] : in.attributes()) {
    customer.attributes.insert_or_assign(name, value);
  }
  return ReadEnum(in.salutation(), Salutation::kMr, customer.salutation) &&
         ReadEnum(in.preferred_channel(), Channel::kWebhook, customer.preferred_channel);
}

}  // namespace kulanz::app
