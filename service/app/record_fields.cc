#include "service/app/record_fields.h"

#include "kulanz/record/v1/record.pb.h"
#include "service/base/check.h"
#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

// Revisions are 64 hexadecimal digits in the domain and 32 bytes in the record.
std::string BytesFromHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
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
  out.set_stored_value(terms.stored_value);
  out.set_pool(terms.pool);
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
                     .transferable = in.transferable(),
                     .stored_value = in.stored_value(),
                     .pool = in.pool()};
  if (in.has_minimum_order_minor_units()) {
    terms.minimum_order = Money::FromMinorUnits(in.minimum_order_minor_units(), amount->currency());
    if (!terms.minimum_order) {
      return std::nullopt;
    }
  }
  return terms;
}

void WriteFollowUp(const FollowUp& follow_up, pb::FollowUp& out) {
  out.set_message(follow_up.message);
  out.set_distance_ms(follow_up.distance.count());
}

void WriteDelivery(const Decision& decision, pb::DeliveryTerms& out) {
  const DeliveryTerms& terms = *decision.delivery;
  if (terms.message != decision.policy.text()) {
    out.set_message(terms.message);
  }
  out.set_signed_by(terms.signed_by);
  out.set_wait_ms(terms.wait.count());
  if (terms.quiet_hours) {
    pb::QuietHours& quiet = *out.mutable_quiet_hours();
    quiet.set_from_minutes(static_cast<std::uint32_t>(terms.quiet_hours->from.count()));
    quiet.set_until_minutes(static_cast<std::uint32_t>(terms.quiet_hours->until.count()));
    quiet.set_zone(terms.quiet_hours->zone);
  }
  if (terms.reminder) {
    WriteFollowUp(*terms.reminder, *out.mutable_reminder());
  }
  if (terms.feedback) {
    WriteFollowUp(*terms.feedback, *out.mutable_feedback());
  }
  if (terms.channel) {
    out.set_channel(static_cast<std::uint32_t>(*terms.channel) + 1);
  }
}

bool ReadDelivery(const pb::DeliveryTerms& in, const std::string& policy, DeliveryTerms& terms) {
  terms.message = in.message().empty() ? policy : in.message();
  terms.signed_by = in.signed_by();
  terms.wait = Duration{in.wait_ms()};
  if (in.has_quiet_hours()) {
    terms.quiet_hours =
        QuietHours{std::chrono::minutes(in.quiet_hours().from_minutes()),
                   std::chrono::minutes(in.quiet_hours().until_minutes()), in.quiet_hours().zone()};
  }
  if (in.has_reminder()) {
    terms.reminder = FollowUp{in.reminder().message(), Duration{in.reminder().distance_ms()}};
  }
  if (in.has_feedback()) {
    terms.feedback = FollowUp{in.feedback().message(), Duration{in.feedback().distance_ms()}};
  }
  return in.channel() == 0 ||
         ReadRecordEnum(in.channel() - 1, Channel::kWebhook, terms.channel.emplace());
}

bool ReadHoldout(const pb::Holdout& in, std::optional<Holdout>& holdout) {
  const auto share = Decimal::Parse(in.share());
  if (share) {
    holdout = Holdout{*share, in.held_out()};
  }
  return share.has_value();
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
  return ReadRecordEnum(in.outcome(), Outcome::kApologised, shadow.outcome);
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

bool ReadOptionalMoney(bool present, const pb::Money& in, std::optional<Money>& out) {
  if (present) {
    out = ReadMoney(in);
  }
  return !present || out.has_value();
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
  if (decision.budget) {
    out.mutable_budget()->set_name(decision.budget->name);
    out.mutable_budget()->set_starts_days(
        static_cast<std::int32_t>(decision.budget->starts.time_since_epoch().count()));
  }
  if (decision.delivery) {
    WriteDelivery(decision, *out.mutable_delivery());
  }
  out.set_severity(static_cast<std::uint32_t>(decision.severity));
  if (decision.proposed) {
    WriteMoney(*decision.proposed, *out.mutable_proposed());
  }
  if (decision.holdout) {
    out.mutable_holdout()->set_share(decision.holdout->share.ToString());
    out.mutable_holdout()->set_held_out(decision.holdout->held_out);
  }
  if (decision.given_before) {
    WriteMoney(*decision.given_before, *out.mutable_given_before());
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
      !ReadRecordEnum(in.outcome(), Outcome::kApologised, decision.outcome)) {
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
  if (in.has_budget()) {
    decision.budget = {.name = in.budget().name(),
                       .starts = Date(std::chrono::days(in.budget().starts_days()))};
  }
  if (in.has_delivery() && !ReadDelivery(in.delivery(), in.policy(), decision.delivery.emplace())) {
    return false;
  }
  if (!ReadRecordEnum(in.severity(), Severity::kSevere, decision.severity) ||
      !ReadOptionalMoney(in.has_proposed(), in.proposed(), decision.proposed) ||
      !ReadOptionalMoney(in.has_given_before(), in.given_before(), decision.given_before) ||
      (in.has_holdout() && !ReadHoldout(in.holdout(), decision.holdout))) {
    return false;
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
    out.set_customer_since_days(RecordDays(*customer.customer_since));
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
  if (customer.email_refused_at) {
    out.set_email_refused_at_ms(ToMillis(*customer.email_refused_at));
  }
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
  if (in.email_refused_at_ms() != 0) {
    customer.email_refused_at = InstantFromMillis(in.email_refused_at_ms());
  }
  for (const auto& [name, value] : in.attributes()) {
    customer.attributes.insert_or_assign(name, value);
  }
  return ReadRecordEnum(in.salutation(), Salutation::kMr, customer.salutation) &&
         ReadRecordEnum(in.preferred_channel(), Channel::kWebhook, customer.preferred_channel);
}

}  // namespace kulanz::app
