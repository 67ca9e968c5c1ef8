// Webhooks as the specification's own library receives them.
#include "service/adapters/webhook/webhook_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "service/base/steady_now.h"
#include "tests/integration/webhook/webhook_fixture.h"
#include "tests/support/eventually.h"
#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class WebhookClientTest : public WebhookTest {
 protected:
  WebhookReport Post(std::string_view body = R"({"type":"voucher.issued","amount":"8,54 €"})",
                     Instant at = HostNow()) {
    auto client = WebhookClient::Make(endpoint_, cut_off_);
    EXPECT_THAT(client, IsOk());
    return (*client)->Post({"evt_1", at, body});
  }
  void ExpectReceived(std::size_t accepted, std::size_t refused) {
    const auto counts = receiver_->Received();
    EXPECT_EQ(counts.accepted, accepted) << "verified";
    EXPECT_EQ(counts.refused, refused) << "not verified";
  }

  CutOff cut_off_;
};

TEST_F(WebhookClientTest, TheSpecificationsLibraryVerifiesWhatWeSign) {
  EXPECT_EQ(Post().result, WebhookResult::kAccepted);
  EXPECT_EQ(Post("{}").result, WebhookResult::kAccepted);
  const std::string longest = "\"" + std::string(kWebhookBodyBytesMax - 2, 'x') + "\"";
  EXPECT_EQ(Post(longest).result, WebhookResult::kAccepted);
  ExpectReceived(3, 0);
  EXPECT_EQ(receiver_->Events()[0].id, "evt_1");
  EXPECT_EQ(receiver_->Command("header 0"), "POST application/json");
}

TEST_F(WebhookClientTest, WhileSecretsRotateReceiversOfEitherVerify) {
  WriteSecrets({kNewSecret, kSecret});
  EXPECT_EQ(Post().result, WebhookResult::kAccepted);
  receiver_->Command("secret " + kNewSecret);
  EXPECT_EQ(Post().result, WebhookResult::kAccepted);
  WriteSecrets({kSecret});
  EXPECT_EQ(Post().reason, "HTTP_401") << "signed with a secret that the receiver has retired";
  ExpectReceived(2, 1);
}

TEST_F(WebhookClientTest, SecretsRotateUnderLoadWithoutARefusal) {
  std::atomic<bool> done{false};
  std::atomic<int> accepted{0};
  std::atomic<int> others{0};
  std::array<std::atomic<int>, 3> posts{};  // of each sender
  std::vector<std::thread> senders;
  for (std::atomic<int>& mine : posts) {
    senders.emplace_back([&] {
      auto client = WebhookClient::Make(endpoint_, cut_off_);
      while (!done) {
        const bool ok =
            (*client)->Post({"evt_1", HostNow(), "{}"}).result == WebhookResult::kAccepted;
        ++(ok ? accepted : others);
        ++mine;
      }
    });
  }
  // As an operator does: both sign; then the receivers change; then the old one goes.
  const auto await_more = [&] {
    // Two more of each: the first may have read its secrets before.
    for (const std::atomic<int>& sender : posts) {
      for (const int before = sender; sender < before + 2;) std::this_thread::yield();
    }
  };
  await_more();
  WriteSecrets({kNewSecret, kSecret});
  await_more();
  receiver_->Command("secret " + kNewSecret);
  await_more();
  WriteSecrets({kNewSecret});
  await_more();
  done = true;
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(others, 0) << "of " << accepted;
  ExpectReceived(static_cast<std::size_t>(accepted), 0);
}

TEST_F(WebhookClientTest, WithoutAUsableSecretNothingIsSent) {
  for (const std::string& bad : {std::string(), std::string("secret\n"), kSecret + "\n\n",
                                 kSecret + "\n" + kSecret + "\n" + kSecret + "\n"}) {
    directory_.Write("secret", bad);
    const WebhookReport report = Post();
    EXPECT_EQ(report.result, WebhookResult::kMisconfigured) << bad;
    EXPECT_EQ(report.reason, "WEBHOOK_SECRET_FILE") << bad;
  }
  endpoint_.secret_file = directory_.File("none");
  EXPECT_EQ(Post().reason, "WEBHOOK_SECRET_FILE");
  ExpectReceived(0, 0);
}

TEST_F(WebhookClientTest, WhatWasChangedOnTheWayIsRefused) {
  for (const std::string part : {"body", "id", "timestamp", "signature"}) {
    receiver_->Command("tamper " + part);
    EXPECT_EQ(Post().reason, "HTTP_401") << part;
  }
  receiver_->Command("tamper none");
  EXPECT_EQ(Post().result, WebhookResult::kAccepted);
  ExpectReceived(1, 4);
}

TEST_F(WebhookClientTest, AnOldEventIsNotOursAnyMore) {
  EXPECT_EQ(Post("{}", HostNow() - minutes{6}).reason, "HTTP_401");
  EXPECT_EQ(Post("{}", HostNow() - minutes{3}).result, WebhookResult::kAccepted);
}

TEST_F(WebhookClientTest, OnlySuccessIsSuccess) {
  for (const int status : {302, 304, 400, 404, 429, 500, 502, 503, 504}) {
    receiver_->Command("answer " + std::to_string(status));
    const WebhookReport report = Post();
    EXPECT_EQ(report.result, WebhookResult::kRetry) << status;
    EXPECT_EQ(report.reason, "HTTP_" + std::to_string(status));
  }
  ExpectReceived(9, 0);  // a redirect that was followed would have asked twice
  receiver_->Command("answer 202");
  EXPECT_EQ(Post().result, WebhookResult::kAccepted);
  receiver_->Command("answer 410");
  EXPECT_EQ(Post().result, WebhookResult::kDisabled);
}

TEST_F(WebhookClientTest, RetryAfterIsHonouredUpToADay) {
  receiver_->Command("answer 503 120");
  EXPECT_EQ(Post().retry_after, seconds{120});
  receiver_->Command("answer 429 9999999");
  EXPECT_EQ(Post().retry_after, hours{24});
  receiver_->Command("answer 503 soon");
  EXPECT_EQ(Post().retry_after, std::nullopt);
  receiver_->Command("answer 200 120");
  EXPECT_EQ(Post().retry_after, std::nullopt);
}

TEST_F(WebhookClientTest, ReceiversThatMisbehaveCostOneAttemptAndNoMoreThanTheTime) {
  endpoint_.timeout = seconds{1};
  receiver_->Command("silent");
  EXPECT_EQ(Post().reason, "WEBHOOK_TIMEOUT");
  receiver_->Command("slow 3000 204");
  EXPECT_EQ(Post().reason, "WEBHOOK_TIMEOUT");
  endpoint_.timeout = seconds{20};
  receiver_->Command("slow 50 204");
  EXPECT_EQ(Post().result, WebhookResult::kAccepted) << "slow, but in time";
  receiver_->Command("cut");
  EXPECT_EQ(Post().reason, "WEBHOOK_CUT");
  receiver_->Command("noise");
  EXPECT_EQ(Post().reason, "WEBHOOK_CUT");
  const auto begin = std::chrono::steady_clock::now();
  receiver_->Command("endless 200");
  EXPECT_EQ(Post().result, WebhookResult::kAccepted) << "its status was heard";
  receiver_->Command("endless 503");
  EXPECT_EQ(Post().reason, "HTTP_503");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{15}) << "cut off, not timed out";
  receiver_.reset();
  EXPECT_EQ(Post().reason, "WEBHOOK_UNREACHABLE");
}

TEST_F(WebhookClientTest, WhatIsStillUnderWayAtTheCutOffIsGivenUp) {
  endpoint_.timeout = minutes{10};  // that it is not
  receiver_->Command("silent");
  std::thread stopping([this] {
    EXPECT_TRUE(Eventually([this] { return receiver_->Received().accepted == 1; }));
    cut_off_.At(SteadyNow());
  });
  EXPECT_EQ(Post().reason, "SHUTTING_DOWN");
  stopping.join();
  EXPECT_EQ(Post().reason, "SHUTTING_DOWN") << "from then on";
}

TEST_F(WebhookClientTest, OneConnectionServesManyEventsAndSurvivesItsLoss) {
  auto client = WebhookClient::Make(endpoint_, cut_off_);
  const auto post = [&] { return (*client)->Post({"evt_1", HostNow(), "{}"}); };
  EXPECT_EQ(post().result, WebhookResult::kAccepted);
  receiver_->Command("cut");
  EXPECT_NE(post().result, WebhookResult::kAccepted);
  receiver_->Command("answer 204");
  EXPECT_EQ(post().result, WebhookResult::kAccepted);
  EXPECT_EQ(post().result, WebhookResult::kAccepted);
}

TEST_F(WebhookClientTest, NeighboursAreRefusedWhateverTheirName) {
  const std::string port = ":" + std::to_string(receiver_->port());
  endpoint_.allowed_hosts = {"another.example"};
  // A name is judged by what it resolves to, when it is connected to.
  for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
                                 "169.254.169.254", "2130706433", "0x7f.1"}) {
    endpoint_.url = "https://" + host + port + "/hook";
    const WebhookReport report = Post();
    EXPECT_EQ(report.result, WebhookResult::kMisconfigured) << host;
    EXPECT_EQ(report.reason, "WEBHOOK_ADDRESS") << host;
  }
  ExpectReceived(0, 0);
  endpoint_.allowed_hosts = {"localhost"};
  endpoint_.url = "http://localhost" + port;
  EXPECT_EQ(Post().result, WebhookResult::kAccepted) << "allowed by name";
}

TEST_F(WebhookClientTest, TheCertificateIsAlwaysChecked) {
  const testing::TestCertificates certificates;
  receiver_.emplace(
      testing::WebhookReceiver::Options{kSecret, certificates.server(), certificates.server_key()});
  endpoint_.url = "https://127.0.0.1:" + std::to_string(receiver_->port()) + "/hook";
  EXPECT_EQ(Post().reason, "WEBHOOK_CERTIFICATE") << "the system does not know this authority";
  endpoint_.ca_file = certificates.ca();
  EXPECT_EQ(Post().result, WebhookResult::kAccepted);
  ExpectReceived(1, 0);
}

TEST(WebhookUrlTest, WhatIsNoEndpointIsRefused) {
  const auto check = [](std::string url, bool plain_http = false) {
    WebhookEndpoint endpoint;
    endpoint.url = std::move(url);
    endpoint.allowed_hosts = {"127.0.0.1", "127.0.0.1.evil.example", "inside.example"};
    endpoint.plain_http = plain_http;
    return CheckWebhookUrl(endpoint);
  };
  for (const std::string& url :
       {std::string(), std::string("http://shop.example/"), std::string("http://inside.example/"),
        std::string("http://127.0.0.1.evil.example/"), std::string("ftp://127.0.0.1/"),
        std::string("https://u:p@shop.example/"), std::string("https://:p@shop.example/"),
        std::string("https://shop.example/a b"), std::string("https://shop.example/\r\nX: y"),
        std::string("file:///etc/passwd"), "https://shop.example/" + std::string(2'000, 'x')}) {
    EXPECT_THAT(check(url), StatusIs(Code::kInvalidArgument, "WEBHOOK_URL")) << url;
  }
  EXPECT_THAT(check("https://shop.example/" + std::string(1'979, 'x')), IsOk());
  EXPECT_THAT(check("http://127.0.0.1/"), IsOk());
  EXPECT_THAT(check("http://inside.example/", true), IsOk());
  EXPECT_THAT(check("http://shop.example/", true), StatusIs(Code::kInvalidArgument, "WEBHOOK_URL"));
}

}  // namespace
}  // namespace kulanz::adapters
