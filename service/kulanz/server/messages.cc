#include "service/kulanz/server/messages.h"

#include <chrono>
#include <string>

namespace kulanz::command {
namespace {

constexpr std::int32_t kNanosPerUnit = 1'000'000'000;
constexpr std::int32_t kNanosPerMilli = 1'000'000;

// One overload per kind of value.
struct AttributeWriter {
  v1::AttributeValue& out;

  void operator()(bool value) const { out.set_bool_value(value); }
  void operator()(std::int64_t value) const { out.set_int_value(value); }
  void operator()(Decimal value) const { out.set_decimal_value(value.ToString()); }
  void operator()(Money value) const { Write(value, *out.mutable_money_value()); }
  void operator()(const std::string& value) const { out.set_string_value(value); }
  void operator()(Instant value) const { Write(value, *out.mutable_timestamp_value()); }
  void operator()(Date value) const { out.set_date_value(FormatDate(value)); }
  void operator()(Duration value) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(value);
    out.mutable_duration_value()->set_seconds(seconds.count());
    out.mutable_duration_value()->set_nanos(static_cast<std::int32_t>((value - seconds).count()) *
                                            kNanosPerMilli);
  }
  void operator()(const AttributeList& values) const {
    v1::StringList& list = *out.mutable_list_value();
    for (const AttributeScalar& value : values) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        list.add_values(*text);
      }
    }
  }
  void operator()(const AttributeRecordList&) const { out.mutable_list_value(); }
};

}  // namespace

void Write(Money money, google::type::Money& out) {
  std::int64_t per_unit = 1;
  for (int i = 0; i < money.currency().exponent(); ++i) {
    per_unit *= 10;
  }
  out.set_currency_code(std::string(money.currency().code()));
  out.set_units(money.minor_units() / per_unit);
  out.set_nanos(
      static_cast<std::int32_t>(money.minor_units() % per_unit * (kNanosPerUnit / per_unit)));
}

void Write(Instant instant, google::protobuf::Timestamp& out) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>((instant - seconds).count()) * kNanosPerMilli);
}

void Write(const Incident& incident, v1::Incident& out) {
  out.set_incident_id(incident.id.text());
  out.set_customer_id(incident.customer.text());
  out.set_type(incident.type);
  Write(incident.occurred_at, *out.mutable_occurred_at());
  out.set_revision(incident.revision);
  out.set_reporter(incident.reporter == Reporter::kCustomer ? v1::REPORTER_CUSTOMER
                   : incident.reporter == Reporter::kAgent  ? v1::REPORTER_AGENT
                                                            : v1::REPORTER_SYSTEM);
  if (incident.order) {
    v1::Order& order = *out.mutable_order();
    order.set_order_id(incident.order->id.text());
    if (incident.order->total) {
      Write(*incident.order->total, *order.mutable_total());
    }
    if (incident.order->placed_at) {
      Write(*incident.order->placed_at, *order.mutable_placed_at());
    }
  }
  for (const auto& [name, value] : incident.attributes) {
    std::visit(AttributeWriter{(*out.mutable_attributes())[name]}, value);
  }
}

void Write(const Customer& customer, v1::Customer& out) {
  out.set_customer_id(customer.id.text());
  out.set_given_name(customer.given_name);
  out.set_family_name(customer.family_name);
  out.set_salutation(customer.salutation == Salutation::kMs   ? v1::SALUTATION_MS
                     : customer.salutation == Salutation::kMr ? v1::SALUTATION_MR
                                                              : v1::SALUTATION_UNSPECIFIED);
  out.set_email(customer.email);
  out.set_locale(customer.locale);
  out.set_time_zone(customer.time_zone);
  if (customer.customer_since) {
    out.set_customer_since(FormatDate(*customer.customer_since));
  }
  out.set_orders_completed(customer.orders_completed);
  if (customer.lifetime_value) {
    Write(*customer.lifetime_value, *out.mutable_lifetime_value());
  }
  out.set_segment(customer.segment);
  for (const std::string& tag : customer.tags) {
    out.add_tags(tag);
  }
  out.set_preferred_channel(customer.preferred_channel == Channel::kWebhook ? v1::CHANNEL_WEBHOOK
                                                                            : v1::CHANNEL_EMAIL);
  out.set_contact_consent(customer.contact_consent);
  out.set_blocked(customer.blocked);
  for (const auto& [name, value] : customer.attributes) {
    (*out.mutable_attributes())[name] = value;
  }
}

std::optional<Money> ReadMoney(const google::type::Money& money) {
  const std::optional<Currency> currency = Currency::FromCode(money.currency_code());
  if (!currency) {
    return std::nullopt;
  }
  std::int64_t per_unit = 1;
  for (int i = 0; i < currency->exponent(); ++i) {
    per_unit *= 10;
  }
  return Money::FromMinorUnits(
      money.units() * per_unit + money.nanos() / (kNanosPerUnit / per_unit), *currency);
}

}  // namespace kulanz::command
