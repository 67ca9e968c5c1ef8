// WebhookMessenger: apologies and vouchers to a receiver that passes them on by SMS, push or chat.
//
// One message.send per delivery (kulanz/v1/event.proto), with the voucher's code: the receiver is the channel
// that must deliver it. No name and no address: the receiver knows the customer by id.
//
// Reports, besides those of WebhookSender: kUndeliverable / NO_CONSENT; kUndeliverable / HTTP_422: the receiver
// cannot reach this customer; kMisconfigured / WEBHOOK_DISABLED, WEBHOOK_SECRET_FILE, WEBHOOK_ADDRESS.
//
// Thread-safety: any thread.
#pragma once

#include <memory>

#include "service/adapters/webhook/webhook_sender.h"
#include "service/ports/messenger.h"
#include "service/ports/telemetry.h"

namespace kulanz::adapters {

class WebhookMessenger final : public ports::Messenger {
 public:
  // `telemetry` outlives it.
  WebhookMessenger(std::unique_ptr<WebhookSender> sender, ports::Telemetry& telemetry);

  Task<ports::DeliveryReport> Send(ports::Delivery delivery) override;
  void Drain(Deadline latest) override { sender_->Drain(latest); }

 private:
  const std::unique_ptr<WebhookSender> sender_;
  ports::Telemetry& telemetry_;
};

}  // namespace kulanz::adapters
