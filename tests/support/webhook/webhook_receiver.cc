#include "tests/support/webhook/webhook_receiver.h"

#include <filesystem>
#include <sstream>

namespace kulanz::testing {
namespace {

const std::string kDirectory = KULANZ_WEBHOOK_RECEIVER_DIR;

// Of texts without quotes and backslashes.
std::string Json(const WebhookReceiver::Options& options) {
  std::string text = R"({"secret":")" + options.secret + "\"";
  if (!options.certificate.empty()) {
    text += R"(,"cert":")" + options.certificate + R"(","key":")" + options.key + "\"";
  }
  return text + "}";
}

}  // namespace

std::string WebhookReceiver::Missing() {
  if (std::filesystem::exists(kDirectory + "/installed")) return "";
  return "NO RECEIVER: node or npm's standardwebhooks is not in " + kDirectory +
         " (the test npm_webhook_receiver fetches it); webhooks were sent to nobody";
}

WebhookReceiver::WebhookReceiver(const Options& options) {
  process_.emplace(kDirectory + "/webhook_receiver.mjs", Json(options));
}

WebhookReceiver::Counts WebhookReceiver::Received() {
  Counts counts;
  std::istringstream words(Command("received"));
  words >> counts.accepted >> counts.refused;
  return counts;
}

std::vector<WebhookReceiver::Event> WebhookReceiver::Events() {
  std::vector<Event> events;
  const std::size_t count = Received().accepted;
  for (std::size_t number = 0; number < count; ++number) {
    const std::string line = Command("event " + std::to_string(number));
    const std::size_t space = line.find(' ');
    events.push_back({line.substr(0, space), line.substr(space + 1)});
  }
  return events;
}

}  // namespace kulanz::testing
