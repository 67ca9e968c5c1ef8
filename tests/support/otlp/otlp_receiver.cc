#include "tests/support/otlp/otlp_receiver.h"

#include <filesystem>
#include <sstream>

namespace kulanz::testing {
namespace {

const std::string kDirectory = KULANZ_OTLP_RECEIVER_DIR;

}  // namespace

std::string OtlpReceiver::Missing() {
  if (std::filesystem::exists(kDirectory + "/installed")) {
    return "";
  }
  return "NO RECEIVER: node or npm's @opentelemetry/otlp-transformer is not in " + kDirectory +
         " (the test npm_otlp_receiver fetches it); traces were sent to nobody";
}

OtlpReceiver::OtlpReceiver() { process_.emplace(kDirectory + "/otlp_receiver.mjs", "{}"); }

OtlpReceiver::Counts OtlpReceiver::Received() {
  Counts counts;
  std::istringstream words(Command("received"));
  words >> counts.requests >> counts.spans;
  return counts;
}

}  // namespace kulanz::testing
