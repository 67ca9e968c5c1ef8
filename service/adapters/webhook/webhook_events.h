// WebhookEvents: the sink that tells events to a receiver over HTTP, one request each.
//
// Thread-safety: any thread.
#pragma once

#include <memory>

#include "service/adapters/webhook/webhook_sender.h"
#include "service/ports/event_sink.h"

namespace kulanz::adapters {

class WebhookEvents final : public ports::EventSink {
 public:
  explicit WebhookEvents(std::unique_ptr<WebhookSender> sender);

  Task<ports::DeliveryReport> Publish(Event event) override;
  bool Held() const override { return sender_->Held(); }
  void Drain(Deadline latest) override { sender_->Drain(latest); }

 private:
  const std::unique_ptr<WebhookSender> sender_;
};

}  // namespace kulanz::adapters
