// What receivers get: kulanz.v1.WebhookEvent and WebhookMessage as JSON. Pure functions.
#pragma once

#include <string>

#include "service/domain/event.h"
#include "service/ports/messenger.h"

namespace kulanz::adapters {

std::string EventJson(const Event& event);
// With the voucher's code, which goes nowhere else from here.
std::string MessageJson(const ports::Delivery& delivery);

}  // namespace kulanz::adapters
