#include "service/adapters/redis/cluster_slots.h"

#include <gtest/gtest.h>

#include "service/adapters/redis/blocking_client.h"
#include "tests/support/status_matchers.h"

namespace kulanz::redis {
namespace {

using testing::StatusIs;

Reply Number(std::int64_t number) {
  Reply reply;
  reply.integer = number;
  return reply;
}
Reply Text(std::string text) {
  Reply reply;
  reply.text = std::move(text);
  return reply;
}
Reply List(std::vector<Reply> elements) {
  Reply reply;
  reply.elements = std::move(elements);
  return reply;
}
Reply Range(std::int64_t first, std::int64_t last, std::string host, std::int64_t port) {
  return List({Number(first), Number(last), List({Text(std::move(host)), Number(port), Text("id")}),
               List({Text("replica"), Number(1), Text("id")})});
}

TEST(ClusterSlotsTest, APartitionIsInTheSlotOfItsHashTag) {
  // As CLUSTER KEYSLOT says of {000}g, {001}g, {0ff}g and {3ff}g.
  EXPECT_EQ(SlotOf({0}), 13923);
  EXPECT_EQ(SlotOf({1}), 9794);
  EXPECT_EQ(SlotOf({255}), 10313);
  EXPECT_EQ(SlotOf({1023}), 12569);
}

TEST(ClusterSlotsTest, TheMasterIsTheFirstNodeOfARange) {
  ASSERT_OK_AND_ASSIGN(
      const auto slots,
      ParseClusterSlots(List({Range(0, 99, "one", 7000), Range(100, 16383, "", 7001)}), "asked"));
  EXPECT_EQ(OwnerOf(slots, 0), (Endpoint{"one", 7000}));
  EXPECT_EQ(OwnerOf(slots, 99), (Endpoint{"one", 7000}));
  EXPECT_EQ(OwnerOf(slots, 100), (Endpoint{"asked", 7001})) << "a node without a name of its own";
  ASSERT_OK_AND_ASSIGN(const auto gap, ParseClusterSlots(List({Range(0, 99, "one", 1)}), "asked"));
  EXPECT_EQ(OwnerOf(gap, 100), std::nullopt);
}

TEST(ClusterSlotsTest, SlotsOfAnotherFormAreRefused) {
  const std::vector<Reply> cases = {
      List({List({})}),
      List({List({Number(0), Number(1)})}),
      List({List({Number(0), Number(1), List({Text("host")})})}),
      List({Range(-1, 1, "one", 1)}),
      List({Range(2, 1, "one", 1)}),
      List({Range(0, 16384, "one", 1)}),
      List({Range(0, 1, "one", 0)}),
      List({Range(0, 1, "one", 65536)}),
  };
  for (const Reply& reply : cases) {
    EXPECT_THAT(ParseClusterSlots(reply, "asked"), StatusIs(Code::kInternal, "STORE_BROKEN"));
  }
}

TEST(ClusterSlotsTest, RedirectionsAreRead) {
  const auto moved = ParseRedirection("MOVED 3999 10.0.0.1:6381", "asked");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->kind, Redirection::Kind::kMoved);
  EXPECT_EQ(moved->node, (Endpoint{"10.0.0.1", 6381}));
  const auto ask = ParseRedirection("ASK 3999 :6380", "asked");
  ASSERT_TRUE(ask);
  EXPECT_EQ(ask->kind, Redirection::Kind::kAsk);
  EXPECT_EQ(ask->node, (Endpoint{"asked", 6380}));
  EXPECT_EQ(ParseRedirection("MOVED 1 ::1:6380", "asked")->node, (Endpoint{"::1", 6380}));
  EXPECT_EQ(ParseRedirection("TRYAGAIN Multiple keys", "asked")->kind,
            Redirection::Kind::kTryAgain);
  for (const std::string_view other :
       {"", "MOVED", "MOVED 1", "MOVED 1 host", "MOVED 1 host:0", "MOVED 1 host:65536",
        "ASK 1 host:x", "CLUSTERDOWN down", "NOSCRIPT"}) {
    EXPECT_FALSE(ParseRedirection(other, "asked")) << other;
  }
}

}  // namespace
}  // namespace kulanz::redis
