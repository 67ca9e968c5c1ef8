// Many letters at once: workers, the rate, a full queue, and a clean end.
#include <atomic>
#include <chrono>
#include <set>

#include "service/base/steady_now.h"
#include "tests/integration/smtp/smtp_fixture.h"
#include "tests/support/eventually.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders
using ports::DeliveryReport;
using ports::DeliveryResult;

struct Counts {
  std::atomic<int> accepted{0};
  std::atomic<int> shutting_down{0};
  std::atomic<int> rate_limited{0};
  std::atomic<int> others{0};
  int all() const { return accepted + shutting_down + rate_limited + others; }
};

Task<void> SendAndCount(ports::Messenger& messenger, ports::Delivery delivery, Counts& counts) {
  const DeliveryReport report = co_await messenger.Send(std::move(delivery));
  if (report.result == DeliveryResult::kAccepted) {
    ++counts.accepted;
  } else if (report.reason == "SHUTTING_DOWN" && !report.counts) {
    ++counts.shutting_down;
  } else if (report.reason == "RATE_LIMITED" && !report.counts) {
    ++counts.rate_limited;
  } else {
    ++counts.others;
  }
}

class SmtpQueueTest : public SmtpTest {
 protected:
  void SpawnMany(int count) {
    for (int i = 0; i < count; ++i) Spawn(SendAndCount(*messenger_, Numbered(i), counts_));
  }
  Counts counts_;
};

TEST_F(SmtpQueueTest, ManyLettersOverAFewConnectionsEachOnce) {
  StartServer();
  options_.connections = 4;
  StartMessenger();
  SpawnMany(200);
  ASSERT_TRUE(Eventually([this] { return counts_.all() == 200; }, std::chrono::seconds(120)));
  EXPECT_EQ(counts_.accepted, 200);
  ASSERT_TRUE(Eventually([this] { return server_->Index().size() == 200; }));
  std::set<std::string> ids;
  for (const MailServer::Entry& entry : server_->Index()) ids.insert(entry.message_id);
  EXPECT_EQ(ids.size(), 200U);
  EXPECT_LE(server_->Connections(), 4);
}

TEST_F(SmtpQueueTest, TheRateIsKept) {
  StartServer();
  options_.letters_per_second = 20;
  StartMessenger();
  const auto begin = std::chrono::steady_clock::now();
  SpawnMany(50);
  ASSERT_TRUE(Eventually([this] { return counts_.all() == 50; }, std::chrono::seconds(120)));
  EXPECT_EQ(counts_.accepted, 50);
  // The first 20 at once, the other 30 one by one.
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{1'450});
}

TEST_F(SmtpQueueTest, ALetterWithoutATurnInTimeIsGivenBackUnsent) {
  StartServer();
  options_.letters_per_second = 1;
  options_.queue_time = Duration{500};
  StartMessenger();
  SpawnMany(6);
  ASSERT_TRUE(Eventually([this] { return counts_.all() == 6; }, std::chrono::seconds(60)));
  EXPECT_GE(counts_.accepted, 1);
  EXPECT_GE(counts_.rate_limited, 4);
  EXPECT_EQ(counts_.others, 0);
}

TEST_F(SmtpQueueTest, DrainingFinishesWhatIsBeingSentAndGivesTheRestBack) {
  StartServer();
  options_.connections = 2;
  StartMessenger();
  server_->Command("always message slow 500");
  SpawnMany(10);
  ASSERT_TRUE(Eventually([this] { return counts_.accepted >= 2; }));
  messenger_->Drain(Deadline::max());
  ASSERT_TRUE(Eventually([this] { return counts_.all() == 10; }));
  EXPECT_EQ(counts_.others, 0);
  EXPECT_GE(counts_.shutting_down, 4);
  ASSERT_TRUE(Eventually(
      [this] { return server_->Index().size() == static_cast<std::size_t>(counts_.accepted); }));
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kRetry, "SHUTTING_DOWN"));
}

TEST_F(SmtpQueueTest, WhatTheMailServerDoesNotAnswerInTimeIsGivenUp) {
  StartServer();
  options_.connections = 2;
  options_.timeout = kSmtpTimeoutMax;  // that it is not
  StartMessenger();
  server_->Command("always recipient silent");
  SpawnMany(4);
  ASSERT_TRUE(Eventually([this] { return server_->Connections() == 2; }));
  messenger_->Drain(SteadyNow() + std::chrono::milliseconds{100});
  ASSERT_TRUE(Eventually([this] { return counts_.all() == 4; }, std::chrono::seconds(60)));
  EXPECT_EQ(counts_.shutting_down, 4) << "nothing was said about any of them";
}

TEST_F(SmtpQueueTest, AMailServerThatDoesNotSayGoodbyeHoldsUpNobody) {
  StartServer();
  options_.timeout = kSmtpTimeoutMax;
  StartMessenger();
  EXPECT_THAT(SendOne(), Is(DeliveryResult::kAccepted, ""));
  server_->Command("always quit silent");
  // libcurl's own patience is two minutes.
  const auto begin = SteadyNow();
  messenger_.reset();
  EXPECT_LT(SteadyNow() - begin, std::chrono::seconds{60});
  EXPECT_TRUE(Eventually([this] { return server_->Command("goodbyes") == "1"; }));
}

TEST_F(SmtpQueueTest, DrainingWakesThoseThatWaitForTheirTurn) {
  StartServer();
  options_.letters_per_second = 1;
  StartMessenger();
  SpawnMany(8);
  ASSERT_TRUE(Eventually([this] { return counts_.accepted >= 1; }));
  messenger_.reset();
  EXPECT_EQ(counts_.all(), 8);
  EXPECT_EQ(counts_.others, 0);
}

TEST_F(SmtpQueueTest, AFullQueueGivesBack) {
  StartServer();
  options_.connections = 1;
  StartMessenger();
  server_->Command("always greeting silent");
  options_.timeout = kSmtpTimeoutMin;
  StartMessenger();
  constexpr int kMany = static_cast<int>(SmtpMessenger::kQueueMax) + 10;
  SpawnMany(kMany);
  EXPECT_GE(counts_.all(), 8) << "QUEUE_FULL is answered at once";
  messenger_.reset();
  EXPECT_EQ(counts_.all(), kMany);
  EXPECT_EQ(counts_.accepted, 0);
}

}  // namespace
}  // namespace kulanz::adapters
