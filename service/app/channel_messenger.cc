#include "service/app/channel_messenger.h"

#include <chrono>
#include <utility>

namespace kulanz::app {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;

// For metrics.
constexpr std::string_view kMessage = "message.send";
constexpr Duration kHold = std::chrono::seconds{30};

// A webhook that can deliver nothing must not pause the letters of all others.
DeliveryReport Waiting(DeliveryReport report) {
  if (report.result == DeliveryResult::kMisconfigured) {
    report.result = DeliveryResult::kRetry;
    report.counts = false;
    report.retry_after = report.retry_after.value_or(kHold);
  }
  return report;
}

}  // namespace

ChannelMessenger::ChannelMessenger(ports::Messenger& email, ports::Messenger& webhook,
                                   ports::Telemetry& telemetry)
    : email_(email), webhook_(webhook), telemetry_(telemetry) {}

Task<DeliveryReport> ChannelMessenger::Send(ports::Delivery delivery) {
  ports::Delivery copy = delivery;
  const Channel first = delivery.terms.channel.value_or(delivery.customer.preferred_channel);
  if (first == Channel::kWebhook) {
    DeliveryReport report = co_await webhook_.Send(std::move(copy));
    const bool done = report.result == DeliveryResult::kAccepted ||
                      report.result == DeliveryResult::kRetry || delivery.customer.email.empty();
    if (done) {
      co_return Waiting(std::move(report));
    }
    telemetry_.EventTold(kMessage, "email_instead");
    DeliveryReport other = co_await email_.Send(std::move(delivery));
    const bool neither = other.result == DeliveryResult::kUndeliverable;
    report.address_refused = other.address_refused;
    co_return neither ? Waiting(std::move(report)) : std::move(other);
  }
  DeliveryReport report = co_await email_.Send(std::move(copy));
  if (report.result != DeliveryResult::kUndeliverable) {
    co_return report;  // a mail server that is set up wrongly pauses the queue, and so is noticed
  }
  telemetry_.EventTold(kMessage, "webhook_instead");
  DeliveryReport other = co_await webhook_.Send(std::move(delivery));
  const bool neither = other.result == DeliveryResult::kUndeliverable;
  other.address_refused = report.address_refused;
  co_return neither ? std::move(report) : Waiting(std::move(other));
}

void ChannelMessenger::Drain(Deadline latest) {
  email_.Drain(latest);
  webhook_.Drain(latest);
}

}  // namespace kulanz::app
