// What a policy says of its letters stands in the decision.
#include <gtest/gtest.h>

#include "tests/unit/engine/builders.h"

namespace kulanz::engine {
namespace {

TEST(DeliveryTermsTest, APolicyMaySayWhichChannelComesFirst) {
  const auto channel = [](const std::string& words) {
    const auto policies = LoadOne(
        "gesture: [{amount: eur(5.00)}]\n"
        "delivery: {message: late, signed_by: anna" +
        words + "}\n");
    return Case().Decide(*policies).decision.delivery->channel;
  };
  EXPECT_EQ(channel(""), std::nullopt);
  EXPECT_EQ(channel(", channel: customer"), std::nullopt);
  EXPECT_EQ(channel(", channel: email"), Channel::kEmail);
  EXPECT_EQ(channel(", channel: webhook"), Channel::kWebhook);
}

TEST(DeliveryTermsTest, FollowingLettersAreCopiedIntoTheDecision) {
  const auto policies = LoadOne(
      "gesture: [{amount: eur(5.00)}]\n"
      "delivery: {message: late, signed_by: anna, reminder: {message: very-late, before: 1w}, "
      "feedback: {message: late, after: 5d}}\n");
  const DeliveryTerms delivery = *Case().Decide(*policies).decision.delivery;
  EXPECT_EQ(delivery.reminder, (FollowUp{"very-late", std::chrono::hours(24 * 7)}));
  EXPECT_EQ(delivery.feedback, (FollowUp{"late", std::chrono::hours(24 * 5)}));
}

}  // namespace
}  // namespace kulanz::engine
