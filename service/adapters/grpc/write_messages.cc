#include "service/adapters/grpc/write_messages.h"

#include <algorithm>
#include <string>
#include <variant>

#include "service/adapters/grpc/money_scale.h"

namespace kulanz::rpc {
namespace {

v1::Outcome EnumToProto(Outcome outcome) {
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

v1::Reporter EnumToProto(Reporter reporter) {
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

v1::DeliveryState EnumToProto(DeliveryState state) {
  switch (state) {
    case DeliveryState::kPending:
      return v1::DELIVERY_STATE_PENDING;
    case DeliveryState::kSent:
      return v1::DELIVERY_STATE_SENT;
    case DeliveryState::kDead:
      return v1::DELIVERY_STATE_DEAD;
    case DeliveryState::kCancelled:
      return v1::DELIVERY_STATE_CANCELLED;
  }
  return v1::DELIVERY_STATE_UNSPECIFIED;
}

void WriteDuration(Duration duration, google::protobuf::Duration& out) {
  // Truncation and remainder keep one sign, as google.protobuf.Duration wants it.
  out.set_seconds(duration.count() / 1000);
  out.set_nanos(static_cast<std::int32_t>(duration.count() % 1000) * 1'000'000);
}

// Sets the kind that a scalar has. `Message`: v1::AttributeValue or v1::AttributeScalar.
template <typename Message>
struct ScalarWriter {
  Message& out;
  void operator()(bool flag) const { out.set_bool_value(flag); }
  void operator()(std::int64_t number) const { out.set_int_value(number); }
  void operator()(const Decimal& decimal) const { out.set_decimal_value(decimal.ToString()); }
  void operator()(Money money) const { Write(money, *out.mutable_money_value()); }
  void operator()(const std::string& text) const { out.set_string_value(text); }
  void operator()(Instant instant) const { Write(instant, *out.mutable_timestamp_value()); }
  void operator()(Date date) const { out.set_date_value(FormatDate(date)); }
  void operator()(Duration duration) const {
    WriteDuration(duration, *out.mutable_duration_value());
  }
};

void WriteScalar(const AttributeScalar& scalar, v1::AttributeScalar& out) {
  std::visit(ScalarWriter<v1::AttributeScalar>{out}, scalar);
}

struct ValueWriter : ScalarWriter<v1::AttributeValue> {
  using ScalarWriter<v1::AttributeValue>::operator();
  void operator()(const AttributeList& list) const {
    const bool texts = std::all_of(list.begin(), list.end(), [](const AttributeScalar& item) {
      return std::holds_alternative<std::string>(item);
    });
    if (texts) {
      v1::StringList& values = *out.mutable_list_value();
      for (const AttributeScalar& item : list) {
        values.add_values(std::get<std::string>(item));
      }
      return;
    }
    for (const AttributeScalar& item : list) {
      WriteScalar(item, *out.mutable_list()->add_items());
    }
  }
  void operator()(const AttributeRecordList& records) const {
    v1::AttributeRecordList& list = *out.mutable_records();
    for (const AttributeRecord& record : records) {
      v1::AttributeRecord& item = *list.add_items();
      for (const auto& [name, value] : record) {
        WriteScalar(value, (*item.mutable_fields())[name]);
      }
    }
  }
};

void WriteValue(const AttributeValue& value, v1::AttributeValue& out) {
  std::visit(ValueWriter{{out}}, value);
}

v1::Severity EnumToProto(Severity severity) {
  switch (severity) {
    case Severity::kMild:
      return v1::SEVERITY_MILD;
    case Severity::kSerious:
      return v1::SEVERITY_SERIOUS;
    case Severity::kSevere:
      return v1::SEVERITY_SEVERE;
  }
  return v1::SEVERITY_UNSPECIFIED;
}

}  // namespace

void Write(Money money, google::type::Money& out) {
  const std::string_view code = money.currency().code();
  out.set_currency_code(code.data(), code.size());
  const auto [minor_units_per_unit, nanos_per_minor_unit] = ScaleOf(money.currency());
  out.set_units(money.minor_units() / minor_units_per_unit);
  out.set_nanos(static_cast<std::int32_t>(money.minor_units() % minor_units_per_unit) *
                nanos_per_minor_unit);
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
  out.set_reporter(EnumToProto(incident.reporter));
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
  if (customer.email_refused_at) {
    Write(*customer.email_refused_at, *out.mutable_email_refused_at());
  }
  for (const auto& [name, value] : customer.attributes) {
    (*out.mutable_attributes())[name] = value;
  }
}

void Write(const DeliveryProgress& progress, v1::DeliveryProgress& out) {
  out.set_state(EnumToProto(progress.state));
  out.set_attempts(progress.attempts);
  Write(progress.updated_at, *out.mutable_updated_at());
  out.set_last_error(progress.last_error);
}

void Write(const engine::PolicyTrace& trace, v1::PolicyTrace& out) {
  out.set_policy(trace.policy->id.text());
  out.set_mode(std::string(policy::ModeName(trace.policy->mode)));
  out.set_step(trace.step.ToString());
  out.set_passed(trace.passed);
  out.set_reason(std::string(trace.reason));
  out.set_detail(trace.detail);
}

void Write(const Decision& decision, v1::Decision& out) {
  out.set_incident_id(decision.incident.id.text());
  out.set_customer_id(decision.incident.customer.text());
  out.set_outcome(EnumToProto(decision.outcome));
  out.set_reason(decision.reason);
  out.set_policy(decision.policy.text());
  out.set_policy_revision(decision.revision.text());
  out.set_department(decision.department);
  Write(decision.decided_at, *out.mutable_decided_at());
  out.set_severity(EnumToProto(decision.severity));
  out.set_revision(decision.incident.revision);
  if (decision.proposed) {
    Write(*decision.proposed, *out.mutable_proposed());
  }
  if (decision.holdout) {
    out.mutable_holdout()->set_share(decision.holdout->share.ToString());
    out.mutable_holdout()->set_held_out(decision.holdout->held_out);
  }
  if (decision.given_before) {
    Write(*decision.given_before, *out.mutable_given_before());
  }
  for (const ShadowDecision& shadow : decision.shadow) {
    v1::ShadowDecision& added = *out.add_shadow();
    added.set_policy(shadow.policy.text());
    added.set_outcome(EnumToProto(shadow.outcome));
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
  if (decided.letter) {
    Write(*decided.letter, *out.mutable_letter());
  }
  if (decided.withdrawn) {
    Write(decided.withdrawn->at, *out.mutable_withdrawn()->mutable_withdrawn_at());
    out.mutable_withdrawn()->set_reason(decided.withdrawn->reason);
  }
  if (decided.code && decided.decision.voucher) {
    out.mutable_voucher()->set_code(decided.code->Reveal(decided.decision.voucher->prefix));
  }
}

}  // namespace kulanz::rpc
