// EventSink: tells others what has happened.
//
// Port. Implemented by WebhookEvents (adapters/webhook). Called at least once per event, so the receiver must
// be able to recognise a repeated id. Any thread; must not block the caller's.
#pragma once

#include "service/base/task.h"
#include "service/domain/event.h"
#include "service/ports/messenger.h"

namespace kulanz::ports {

class EventSink {
 public:
  virtual ~EventSink() = default;
  // kAccepted; kRetry; kUndeliverable: it can never be told; kMisconfigured: nothing can be told until somebody
  // acts, the receiver having switched us off included.
  virtual Task<DeliveryReport> Publish(Event event) = 0;
  // Whether every Publish would be refused for the moment without being tried. Cheap.
  virtual bool Held() const { return false; }
  // As Messenger::Drain.
  virtual void Drain(Deadline /*latest*/) {}
};

}  // namespace kulanz::ports
