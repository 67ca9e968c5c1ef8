#include "service/adapters/grpc/write_messages.h"

#include <array>
#include <string>
#include <variant>

namespace kulanz::rpc {
namespace {

constexpr std::array<std::int32_t, 10> kPowersOfTen = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

v1::Outcome ToProto(Outcome outcome) {
  switch (outcome) {
    case Outcome::kGranted:
      return v1::OUTCOME_GRANTED;
    case Outcome::kDenied:
      return v1::OUTCOME_DENIED;
    case Outcome::kReview:
      return v1::OUTCOME_REVIEW;
    case Outcome::kApologised:
      return v1::OUTCOME_APOLOGISED;
  }
  return v1::OUTCOME_UNSPECIFIED;
}

v1::Reporter ToProto(Reporter reporter) {
  switch (reporter) {
    case Reporter::kSystem:
      return v1::REPORTER_SYSTEM;
    case Reporter::kAgent:
      return v1::REPORTER_AGENT;
    case Reporter::kCustomer:
      return v1::REPORTER_CUSTOMER;
  }
  return v1::REPORTER_UNSPECIFIED;
}

v1::VoucherState StateOf(const Voucher& voucher, std::optional<Instant> now) {
  switch (voucher.state) {
    case VoucherState::kIssued:
      return now && voucher.ExpiredAt(*now) ? v1::VOUCHER_STATE_EXPIRED : v1::VOUCHER_STATE_ISSUED;
    case VoucherState::kRedeemed:
      return v1::VOUCHER_STATE_REDEEMED;
    case VoucherState::kRevoked:
      return v1::VOUCHER_STATE_REVOKED;
  }
  return v1::VOUCHER_STATE_UNSPECIFIED;
}

v1::DeliveryState ToProto(DeliveryState state) {
  switch (state) {
    case DeliveryState::kPending:
      return v1::DELIVERY_STATE_PENDING;
    case DeliveryState::kSent:
      return v1::DELIVERY_STATE_SENT;
    case DeliveryState::kDead:
      return v1::DELIVERY_STATE_DEAD;
  }
  return v1::DELIVERY_STATE_UNSPECIFIED;
}

void WriteDuration(Duration duration, google::protobuf::Duration& out) {
  // Truncation and remainder keep one sign, as google.protobuf.Duration wants it.
  out.set_seconds(duration.count() / 1000);
  out.set_nanos(static_cast<std::int32_t>(duration.count() % 1000) * 1'000'000);
}

void WriteValue(const AttributeValue& value, v1::AttributeValue& out) {
  std::visit(Overloaded{
                 [&](bool flag) { out.set_bool_value(flag); },
                 [&](std::int64_t number) { out.set_int_value(number); },
                 [&](const Decimal& decimal) { out.set_decimal_value(decimal.ToString()); },
                 [&](Money money) { Write(money, *out.mutable_money_value()); },
                 [&](const std::string& text) { out.set_string_value(text); },
                 [&](Instant instant) { Write(instant, *out.mutable_timestamp_value()); },
                 [&](Date date) { out.set_date_value(FormatDate(date)); },
                 [&](Duration duration) { WriteDuration(duration, *out.mutable_duration_value()); },
                 [&](const AttributeList& list) {
                   v1::StringList& values = *out.mutable_list_value();
                   for (const AttributeScalar& item : list) {
                     if (const auto* text = std::get_if<std::string>(&item)) {
                       values.add_values(*text);
                     }
                   }
                 },
                 [&](const AttributeRecordList&) { out.mutable_list_value(); },
             },
             value);
}

}  // namespace

void Write(Money money, google::type::Money& out) {
  const std::string_view code = money.currency().code();
  out.set_currency_code(code.data(), code.size());
  const auto exponent = static_cast<std::size_t>(money.currency().exponent());
  const std::int64_t per_unit = kPowersOfTen.at(exponent);
  out.set_units(money.minor_units() / per_unit);
  out.set_nanos(static_cast<std::int32_t>(money.minor_units() % per_unit) *
                kPowersOfTen.at(9 - exponent));
}

void Write(Instant instant, google::protobuf::Timestamp& out) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>((instant - seconds).count()) * 1'000'000);
}

void Write(const Incident& incident, v1::Incident& out) {
  out.set_incident_id(incident.id.text());
  out.set_customer_id(incident.customer.text());
  out.set_type(incident.type);
  Write(incident.occurred_at, *out.mutable_occurred_at());
  out.set_revision(incident.revision);
  out.set_reporter(ToProto(incident.reporter));
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
    WriteValue(value, (*out.mutable_attributes())[name]);
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

void Write(const Voucher& voucher, std::optional<Instant> now, v1::Voucher& out) {
  out.set_incident_id(voucher.incident.text());
  out.set_customer_id(voucher.customer.text());
  out.set_policy(voucher.policy.text());
  Write(voucher.terms.amount, *out.mutable_amount());
  Write(voucher.remaining, *out.mutable_remaining());
  if (voucher.terms.minimum_order) {
    Write(*voucher.terms.minimum_order, *out.mutable_minimum_order());
  }
  Write(voucher.issued_at, *out.mutable_issued_at());
  Write(voucher.terms.valid_until, *out.mutable_valid_until());
  out.set_time_zone(voucher.terms.zone);
  out.set_transferable(voucher.terms.transferable);
  out.set_state(StateOf(voucher, now));
  for (const Redemption& redemption : voucher.redemptions) {
    Write(redemption, *out.add_redemptions());
  }
  v1::DeliveryProgress& delivery = *out.mutable_delivery();
  delivery.set_state(ToProto(voucher.delivery.state));
  delivery.set_attempts(voucher.delivery.attempts);
  Write(voucher.delivery.updated_at, *delivery.mutable_updated_at());
  delivery.set_last_error(voucher.delivery.last_error);
}

void Write(const Redemption& redemption, v1::Redemption& out) {
  out.set_redemption_id(redemption.id.text());
  out.set_order_id(redemption.order.text());
  Write(redemption.amount, *out.mutable_amount());
  Write(redemption.at, *out.mutable_redeemed_at());
}

void Write(const engine::PolicyTrace& trace, v1::PolicyTrace& out) {
  out.set_policy(trace.policy.text());
  out.set_mode(trace.mode);
  out.set_step(trace.step);
  out.set_passed(trace.passed);
  out.set_reason(trace.reason);
  out.set_detail(trace.detail);
}

void Write(const Decision& decision, v1::Decision& out) {
  out.set_incident_id(decision.incident.id.text());
  out.set_customer_id(decision.incident.customer.text());
  out.set_outcome(ToProto(decision.outcome));
  out.set_reason(decision.reason);
  out.set_policy(decision.policy.text());
  out.set_policy_revision(decision.revision.text());
  out.set_department(decision.department);
  Write(decision.decided_at, *out.mutable_decided_at());
  for (const ShadowDecision& shadow : decision.shadow) {
    v1::ShadowDecision& added = *out.add_shadow();
    added.set_policy(shadow.policy.text());
    added.set_outcome(ToProto(shadow.outcome));
    added.set_reason(shadow.reason);
    if (shadow.amount) {
      Write(*shadow.amount, *added.mutable_amount());
    }
  }
}

void Write(const app::DecidedIncident& decided, WithInputs inputs, std::optional<Instant> now,
           v1::Decision& out) {
  Write(decided.decision, out);
  if (inputs == WithInputs::kYes) {
    Write(decided.decision.incident, *out.mutable_incident());
  }
  if (decided.voucher) {
    Write(*decided.voucher, now, *out.mutable_voucher());
  }
  if (decided.code && decided.decision.voucher) {
    out.mutable_voucher()->set_code(decided.code->Reveal(decided.decision.voucher->prefix));
  }
}

}  // namespace kulanz::rpc
