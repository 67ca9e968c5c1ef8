// ChannelMessenger: the policy's channel first, or where it names none the customer's own; the other one where
// that cannot reach them.
//
// A webhook is the way to SMS, push and chat: its receiver knows the customer by id, so it needs no address
// here. E-mail needs one. What a customer prefers goes first; customers who prefer nothing prefer e-mail.
// The other channel is tried at once when the first one can never deliver this message (no address, refused for
// good), or is a webhook that can deliver nothing until an operator acts (switched off, no secret). What may
// still succeed is tried again on the same channel, so that nobody is told twice. When neither can, the answer
// is that of the channel that came first: the voucher's delivery says why, and nothing is silent.
//
// Consent and blocks are respected before any channel is chosen (courier_opening.h).
//
// Thread-safety: any thread; both messengers and `telemetry` outlive it.
#pragma once

#include "service/ports/messenger.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

class ChannelMessenger final : public ports::Messenger {
 public:
  ChannelMessenger(ports::Messenger& email, ports::Messenger& webhook, ports::Telemetry& telemetry);

  Task<ports::DeliveryReport> Send(ports::Delivery delivery) override;
  void Drain(Deadline latest) override;

 private:
  ports::Messenger& email_;
  ports::Messenger& webhook_;
  ports::Telemetry& telemetry_;
};

}  // namespace kulanz::app
