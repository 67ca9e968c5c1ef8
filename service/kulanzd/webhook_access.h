// WebhookAccess: what an operator says of the receivers of webhooks.
//
// Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/adapters/webhook/webhook_client.h"
#include "service/domain/event.h"

namespace CLI {
class App;
}

namespace kulanz::server {

struct WebhookAccess {
  adapters::WebhookEndpoint events;    // without a URL: nobody is told of events
  EventTypes types;                    // none without a URL
  adapters::WebhookEndpoint messages;  // without a URL: apologies go by e-mail only
  std::uint32_t connections = 4;
  std::uint32_t event_attempts = 10;  // then an event is dead
  // As they were given; Understand() reads them.
  std::vector<std::string> type_names;
  std::vector<std::string> allowed_hosts;
  bool plain_http = false;
  std::string ca_file;
  std::string timeout = "20s";

  bool tells_events() const { return !events.url.empty(); }
  bool sends_messages() const { return !messages.url.empty(); }
};

// --event-webhook, --event-types, --message-webhook, --webhook-allow-host, ... and their KULANZ_* variables.
void AddWebhookOptions(CLI::App& app, WebhookAccess& access);

// Completes `access` from what was given. Everything that is wrong, one line each; empty: nothing.
std::string Understand(WebhookAccess& access);

}  // namespace kulanz::server
