#include "service/kulanzd/webhook_access.h"

#include <CLI/CLI.hpp>

#include "service/adapters/webhook/webhook_sender.h"
#include "service/app/event_dispatcher.h"
#include "service/kulanzd/config.h"

namespace kulanz::server {
namespace {

void AddSharedOptions(CLI::App& app, WebhookAccess& access) {
  app.add_option(
         "--webhook-allow-host", access.allowed_hosts,
         "a receiver's host, as in its URL, that may have a private, link-local or loopback "
         "address; every other address that is not public is refused when connecting")
      ->envname("KULANZ_WEBHOOK_ALLOW_HOST")
      ->delimiter(',');
  app.add_flag(
         "--webhook-plain-http", access.plain_http,
         "allow http:// to allowed hosts; without it only to localhost, 127.0.0.0/8 and [::1]")
      ->envname("KULANZ_WEBHOOK_PLAIN_HTTP");
  app.add_option(
         "--webhook-ca-file", access.ca_file,
         "the authorities that a receiver's certificate is verified against; default: those "
         "that the system trusts")
      ->envname("KULANZ_WEBHOOK_CA_FILE");
  app.add_option("--webhook-timeout", access.timeout, "how long one request may take")
      ->envname("KULANZ_WEBHOOK_TIMEOUT")
      ->capture_default_str();
  app.add_option("--webhook-connections", access.connections,
                 "requests side by side to one receiver; from 1 to 64")
      ->envname("KULANZ_WEBHOOK_CONNECTIONS")
      ->capture_default_str();
}

void ReadTypes(WebhookAccess& access, std::vector<std::string>& wrong) {
  access.types = access.type_names.empty() ? EventTypes::Default() : EventTypes();
  for (const std::string& name : access.type_names) {
    const auto type = EventTypeFrom(name);
    if (name == "all") {
      access.types = EventTypes::All();
    } else if (type) {
      access.types.Add(*type);
    } else {
      std::string known;
      for (const std::string_view other : kEventTypeNames) known += " " + std::string(other);
      wrong.push_back("--event-types: there is no '" + name + "', but all and" + known);
    }
  }
}

void CheckEndpoint(const std::string& option, const WebhookAccess& access,
                   adapters::WebhookEndpoint& endpoint, std::vector<std::string>& wrong) {
  endpoint.allowed_hosts = access.allowed_hosts;
  endpoint.plain_http = access.plain_http;
  endpoint.ca_file = access.ca_file;
  if (endpoint.url.empty()) {
    if (!endpoint.secret_file.empty()) {
      wrong.push_back(option + "-secret-file needs " + option);
    }
    return;
  }
  if (const auto url = adapters::CheckWebhookUrl(endpoint); !url.ok()) {
    wrong.push_back(option + ": " + url.status().message());
  }
  if (endpoint.secret_file.empty()) {
    wrong.push_back(option + " needs " + option + "-secret-file");
  }
}

}  // namespace

void AddWebhookOptions(CLI::App& app, WebhookAccess& access) {
  app.add_option("--event-webhook", access.events.url,
                 "tell events to this receiver, after the Standard Webhooks specification: an "
                 "https:// URL")
      ->envname("KULANZ_EVENT_WEBHOOK");
  app.add_option("--event-webhook-secret-file", access.events.secret_file,
                 "with --event-webhook: the file with the secret that signs, whsec_...; two lines "
                 "while it rotates; read again for every event")
      ->envname("KULANZ_EVENT_WEBHOOK_SECRET_FILE");
  app.add_option(
         "--event-types", access.type_names,
         "with --event-webhook: which events, by ','; default: all but voucher.reserved and "
         "voucher.released")
      ->envname("KULANZ_EVENT_TYPES")
      ->delimiter(',');
  app.add_option(
         "--event-attempts", access.event_attempts,
         "with --event-webhook: after so many an event is dead and waits for 'kulanz events'; "
         "from 1 to 10")
      ->envname("KULANZ_EVENT_ATTEMPTS")
      ->capture_default_str();
  app.add_option(
         "--message-webhook", access.messages.url,
         "send apologies with their vouchers' codes to this receiver, which passes them on by "
         "SMS, push or chat: to customers who prefer it, and where e-mail cannot reach")
      ->envname("KULANZ_MESSAGE_WEBHOOK");
  app.add_option("--message-webhook-secret-file", access.messages.secret_file,
                 "with --message-webhook: its own secret, as --event-webhook-secret-file")
      ->envname("KULANZ_MESSAGE_WEBHOOK_SECRET_FILE");
  AddSharedOptions(app, access);
}

std::string Understand(WebhookAccess& access) {
  std::vector<std::string> wrong;
  ReadTypes(access, wrong);
  const auto timeout = ParseDurationText(access.timeout);
  if (!timeout.ok() || *timeout < adapters::kWebhookTimeoutMin ||
      *timeout > adapters::kWebhookTimeoutMax) {
    wrong.emplace_back("--webhook-timeout must be from 1s to 60s");
  } else {
    access.events.timeout = *timeout;
    access.messages.timeout = *timeout;
  }
  if (access.connections < 1 || access.connections > adapters::kWebhookConnectionsMax) {
    wrong.push_back("--webhook-connections must be from 1 to " +
                    std::to_string(adapters::kWebhookConnectionsMax));
  }
  if (access.event_attempts < 1 || access.event_attempts > app::kEventAttemptsMax) {
    wrong.push_back("--event-attempts must be from 1 to " + std::to_string(app::kEventAttemptsMax));
  }
  CheckEndpoint("--event-webhook", access, access.events, wrong);
  CheckEndpoint("--message-webhook", access, access.messages, wrong);
  if (!access.tells_events()) {
    access.types = EventTypes();
    if (!access.type_names.empty()) wrong.emplace_back("--event-types needs --event-webhook");
  }
  std::string text;
  for (const std::string& line : wrong) {
    text += (text.empty() ? "" : "\nkulanzd: ") + line;
  }
  return text;
}

}  // namespace kulanz::server
