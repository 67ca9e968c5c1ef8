#include "service/adapters/webhook/webhook_json.h"

#include <google/protobuf/util/json_util.h>

#include <array>
#include <chrono>
#include <string_view>

#include "kulanz/v1/event.pb.h"
#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

namespace pb = kulanz::v1;

void Write(Money money, google::type::Money& out) {
  constexpr std::array<std::int32_t, 10> kPowersOfTen = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  const auto exponent = static_cast<std::size_t>(money.currency().exponent());
  const std::int64_t per_unit = kPowersOfTen.at(exponent);
  out.set_currency_code(std::string(money.currency().code()));
  out.set_units(money.minor_units() / per_unit);
  out.set_nanos(static_cast<std::int32_t>(money.minor_units() % per_unit) *
                kPowersOfTen.at(9 - exponent));
}

void Write(Instant instant, google::protobuf::Timestamp& out) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<std::int32_t>((instant - seconds).count()) * 1'000'000);
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  KULANZ_CHECK(status.ok(), "ids are UTF-8, which is checked where they come in");
  return json;
}

}  // namespace

std::string EventJson(const Event& event) {
  pb::WebhookEvent out;
  out.set_type(std::string(EventTypeName(event.type)));
  Write(event.at, *out.mutable_timestamp());
  pb::EventData& data = *out.mutable_data();
  data.set_customer_id(event.customer.text());
  data.set_incident_id(event.incident.text());
  data.set_revision(event.revision);
  data.set_incident_type(event.incident_type);
  data.set_policy(event.policy.text());
  data.set_reason(event.reason);
  if (event.amount) Write(*event.amount, *data.mutable_amount());
  data.set_voucher_id(event.voucher_id);
  if (event.remaining) Write(*event.remaining, *data.mutable_remaining());
  if (event.valid_until) Write(*event.valid_until, *data.mutable_valid_until());
  data.set_operation_id(event.operation_id);
  data.set_order_id(event.order.text());
  data.set_reissued_as(event.reissued_as);
  data.set_breaker(event.breaker);
  data.set_gestures(event.gestures);
  data.set_per_minute(static_cast<std::int32_t>(event.per_minute));
  data.set_dismissed(event.dismissed);
  return ToJson(out);
}

std::string MessageJson(const ports::Delivery& delivery) {
  pb::WebhookMessage out;
  out.set_type("message.send");
  Write(delivery.written_at, *out.mutable_timestamp());
  pb::MessageData& data = *out.mutable_data();
  data.set_customer_id(delivery.customer.id.text());
  data.set_incident_id(delivery.incident.id.text());
  data.set_revision(delivery.incident.revision);
  data.set_incident_type(delivery.incident.type);
  data.set_message(delivery.terms.message);
  data.set_locale(delivery.customer.locale);
  data.set_signed_by(delivery.terms.signed_by);
  if (delivery.voucher) {
    const VoucherTerms& terms = delivery.voucher->voucher.terms;
    pb::EnclosedVoucher& voucher = *data.mutable_voucher();
    voucher.set_code(delivery.voucher->code.Reveal(terms.prefix));
    Write(terms.amount, *voucher.mutable_amount());
    if (terms.minimum_order) Write(*terms.minimum_order, *voucher.mutable_minimum_order());
    Write(terms.valid_until, *voucher.mutable_valid_until());
    voucher.set_time_zone(terms.zone);
  }
  return ToJson(out);
}

}  // namespace kulanz::adapters
