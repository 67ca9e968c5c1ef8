#include "service/adapters/webhook/webhook_messenger.h"

#include <string_view>
#include <utility>

#include "service/adapters/webhook/webhook_json.h"

namespace kulanz::adapters {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;

// By the number that the receiver answered, or what stood in the way.
DeliveryResult ResultOf(const DeliveryReport& report) {
  if (report.result != DeliveryResult::kRetry) return report.result;
  if (report.reason == "HTTP_422" && report.counts) return DeliveryResult::kUndeliverable;
  const bool until_somebody_acts = report.reason == "WEBHOOK_DISABLED" ||
                                   report.reason == "WEBHOOK_SECRET_FILE" ||
                                   report.reason == "WEBHOOK_ADDRESS";
  return until_somebody_acts ? DeliveryResult::kMisconfigured : DeliveryResult::kRetry;
}

std::string_view NameOf(const DeliveryReport& report) {
  switch (report.result) {
    case DeliveryResult::kAccepted:
      return "accepted";
    case DeliveryResult::kUndeliverable:
      return "dead";
    case DeliveryResult::kMisconfigured:
      return "held";
    case DeliveryResult::kRetry:
      break;
  }
  return report.counts ? "retry" : "held";
}

}  // namespace

WebhookMessenger::WebhookMessenger(std::unique_ptr<WebhookSender> sender,
                                   ports::Telemetry& telemetry)
    : sender_(std::move(sender)), telemetry_(telemetry) {}

Task<DeliveryReport> WebhookMessenger::Send(ports::Delivery delivery) {
  if (!delivery.customer.contact_consent) {
    DeliveryReport report;
    report.result = DeliveryResult::kUndeliverable;
    report.reason = "NO_CONSENT";
    co_return report;
  }
  std::string id = "msg_" + delivery.id;
  std::string body = MessageJson(delivery);
  DeliveryReport report = co_await sender_->Send(std::move(id), std::move(body));
  report.result = ResultOf(report);
  telemetry_.EventTold("message.send", NameOf(report));
  co_return report;
}

}  // namespace kulanz::adapters
