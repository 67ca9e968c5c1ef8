#include "service/adapters/webhook/endpoint_gate.h"

#include <gtest/gtest.h>

#include <chrono>

namespace kulanz::adapters {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

WebhookReport Of(WebhookResult result, std::string reason = "HTTP_500") {
  WebhookReport report;
  report.result = result;
  report.reason = std::move(reason);
  return report;
}

class EndpointGateTest : public ::testing::Test {
 protected:
  void Fail(std::uint32_t times) {
    for (std::uint32_t i = 0; i < times; ++i) {
      EXPECT_FALSE(gate_.Admit(now_));
      gate_.Record(Of(WebhookResult::kRetry), now_);
    }
  }
  EndpointGate gate_;
  Deadline now_{};
};

TEST_F(EndpointGateTest, FiveFailuresInARowCloseItAndPausesDouble) {
  Fail(EndpointGate::kFailuresMax - 1);
  EXPECT_FALSE(gate_.closed(now_));
  gate_.Record(Of(WebhookResult::kAccepted), now_);
  Fail(EndpointGate::kFailuresMax);
  for (const Duration pause : {seconds{1}, seconds{2}, seconds{4}, seconds{8}, seconds{16},
                               seconds{32}, seconds{60}, seconds{60}}) {
    EXPECT_TRUE(gate_.closed(now_ + pause - Duration{1}));
    const auto held = gate_.Admit(now_);
    ASSERT_TRUE(held);
    EXPECT_EQ(held->retry_after, pause);
    EXPECT_FALSE(held->counts);
    now_ += pause;
    EXPECT_FALSE(gate_.Admit(now_)) << "one goes ahead";
    EXPECT_TRUE(gate_.Admit(now_)) << "and the others wait for it";
    gate_.Record(Of(WebhookResult::kRetry), now_);
  }
  now_ += minutes{1};
  EXPECT_FALSE(gate_.Admit(now_));
  gate_.Record(Of(WebhookResult::kAccepted), now_);
  EXPECT_FALSE(gate_.closed(now_));
}

TEST_F(EndpointGateTest, NoTimeReopensWhatSaidGone) {
  gate_.Record(Of(WebhookResult::kDisabled), now_);
  EXPECT_TRUE(gate_.disabled());
  EXPECT_TRUE(gate_.Admit(now_ + std::chrono::hours{1000}));
  EXPECT_TRUE(gate_.Reopen());
  EXPECT_FALSE(gate_.Reopen());
  EXPECT_FALSE(gate_.Admit(now_));
}

TEST_F(EndpointGateTest, AMisconfigurationClosesItForHalfAMinute) {
  const auto report = gate_.Record(Of(WebhookResult::kMisconfigured, "WEBHOOK_ADDRESS"), now_);
  EXPECT_FALSE(report.counts);
  EXPECT_TRUE(gate_.closed(now_ + seconds{29}));
  EXPECT_FALSE(gate_.closed(now_ + seconds{30}));
  EXPECT_EQ(gate_.Admit(now_)->reason, "WEBHOOK_ADDRESS");
}

}  // namespace
}  // namespace kulanz::adapters
