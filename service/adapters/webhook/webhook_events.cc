#include "service/adapters/webhook/webhook_events.h"

#include <utility>

#include "service/adapters/webhook/webhook_json.h"

namespace kulanz::adapters {

WebhookEvents::WebhookEvents(std::unique_ptr<WebhookSender> sender) : sender_(std::move(sender)) {}

Task<ports::DeliveryReport> WebhookEvents::Publish(Event event) {
  return sender_->Send(event.id, EventJson(event));
}

}  // namespace kulanz::adapters
