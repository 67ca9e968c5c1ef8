// What receivers get: kulanz.v1.WebhookEvent as JSON. Pure functions.
#pragma once

#include <string>

#include "service/domain/event.h"

namespace kulanz::adapters {

std::string EventJson(const Event& event);

}  // namespace kulanz::adapters
