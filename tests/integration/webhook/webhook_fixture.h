// A receiver and an endpoint for it: what the tests of webhooks have in common.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "service/adapters/webhook/webhook_client.h"
#include "tests/support/redis/test_certificates.h"
#include "tests/support/webhook/webhook_receiver.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {

inline const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
inline const std::string kNewSecret = "whsec_" + std::string(32, 'B');

inline Instant HostNow() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

class WebhookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = testing::WebhookReceiver::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    receiver_.emplace(testing::WebhookReceiver::Options{kSecret, "", ""});
    endpoint_.url = "http://127.0.0.1:" + std::to_string(receiver_->port()) + "/hook";
    endpoint_.secret_file = directory_.File("secret");
    endpoint_.allowed_hosts = {"127.0.0.1"};
    WriteSecrets({kSecret});
  }
  // As a whole, as secrets are replaced.
  void WriteSecrets(const std::vector<std::string>& secrets) {
    std::string text;
    for (const std::string& secret : secrets) text += secret + "\n";
    directory_.Write("new", text);
    std::filesystem::rename(directory_.File("new"), directory_.File("secret"));
  }

  const testing::TempDirectory directory_;
  std::optional<testing::WebhookReceiver> receiver_;
  WebhookEndpoint endpoint_;
};

}  // namespace kulanz::adapters
