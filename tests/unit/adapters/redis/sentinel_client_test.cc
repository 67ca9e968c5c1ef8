#include "service/adapters/redis/sentinel_client.h"

#include <gtest/gtest.h>

#include "service/adapters/redis/blocking_client.h"

namespace kulanz::redis {
namespace {

Reply Fields(const std::vector<std::string>& texts) {
  Reply reply;
  for (const std::string& text : texts) {
    reply.elements.emplace_back().text = text;
  }
  return reply;
}

SentinelView View(std::string host, std::uint64_t epoch) {
  return {{std::move(host), 6379}, epoch};
}

TEST(SentinelClientTest, AMasterIsReadFromItsFields) {
  const auto view = ParseSentinelMaster(Fields(
      {"name", "main", "ip", "10.0.0.1", "port", "6380", "flags", "master", "config-epoch", "7"}));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->master, (Endpoint{"10.0.0.1", 6380}));
  EXPECT_EQ(view->epoch, 7U);
}

TEST(SentinelClientTest, AReplyOfAnotherFormIsNoMaster) {
  EXPECT_FALSE(ParseSentinelMaster({}));
  EXPECT_FALSE(ParseSentinelMaster(Fields({"ip", "h", "port", "1"}))) << "no epoch";
  EXPECT_FALSE(ParseSentinelMaster(Fields({"ip", "h", "port", "65536", "config-epoch", "1"})));
  EXPECT_FALSE(ParseSentinelMaster(Fields({"ip", "", "port", "1", "config-epoch", "1"})));
  EXPECT_FALSE(ParseSentinelMaster(Fields({"ip", "h", "port", "1", "config-epoch", "x"})));
  EXPECT_FALSE(ParseSentinelMaster(Fields({"ip"})));
}

TEST(SentinelClientTest, TheNewestAnswerIsBelieved) {
  const auto chosen = ChooseView({View("old", 1), View("new", 2), View("old", 1)}, 3, std::nullopt);
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->master.host, "new");
  EXPECT_FALSE(ChooseView({}, 3, View("known", 1)));
}

TEST(SentinelClientTest, AnOlderAnswerIsBelievedOfAMajorityOnly) {
  EXPECT_FALSE(ChooseView({View("old", 1)}, 3, View("known", 2))) << "one that was cut off";
  const auto reset = ChooseView({View("old", 1), View("old", 0)}, 3, View("known", 2));
  ASSERT_TRUE(reset) << "the Sentinels were set up anew";
  EXPECT_EQ(reset->master.host, "old");
  EXPECT_TRUE(ChooseView({View("same", 2)}, 3, View("known", 2)));
}

}  // namespace
}  // namespace kulanz::redis
