// Pools of codes and guessed codes through the API, in this process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/domain/pool_code.h"
#include "tests/e2e/api.h"
#include "tests/e2e/in_process.h"
#include "tests/e2e/pool_client.h"

namespace kulanz::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class PoolTest : public ::testing::Test {
 protected:
  PoolTest() { EXPECT_EQ(Reason(service_.api().Upsert(ACustomer()).status), "OK"); }
  Api& api() { return service_.api(); }
  InProcess service_;
  PoolClient pools_{service_.NewChannel()};
};

TEST_F(PoolTest, ACodeIsImportedGivenToldAgainAndLeftToTheShopToRedeem) {
  const auto imported = pools_.Import("visits", {PoolCodes(1)});
  ASSERT_EQ(Reason(imported.status), "OK");
  EXPECT_EQ(imported->added(), 1);
  const auto incident = MissedVisit("I-1");
  const auto first = api().Report(incident);
  ASSERT_EQ(Reason(first.status), "OK");
  EXPECT_EQ(first->decision().voucher().code(), "VISIT-10000");
  EXPECT_EQ(first->decision().voucher().amount().units(), 10);
  const auto again = api().Report(incident);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->decision().voucher().code(), "VISIT-10000");
  EXPECT_EQ(api().GetDecision("I-1")->voucher().code(), "VISIT-10000");
  EXPECT_EQ(api().List("C-1", 0, "")->decisions(0).voucher().code(), "VISIT-10000");
  const auto redeemed = api().Redeem(Redemption("VISIT-10000", "R-1", "O-1", "C-1"));
  EXPECT_EQ(Reason(redeemed.status), "FAILED_PRECONDITION/POOL_CODE");
  EXPECT_EQ(Reason(api().GetVoucher("VISIT-10000").status), "FAILED_PRECONDITION/POOL_CODE");
  EXPECT_EQ(Reason(api().GetVoucher("VISIT-10001").status), "NOT_FOUND/VOUCHER_NOT_REDEEMABLE");
  const auto denied = api().Report(MissedVisit("I-2"));
  EXPECT_EQ(denied->decision().outcome(), v1::OUTCOME_DENIED);
  EXPECT_EQ(denied->decision().reason(), "POOL_EMPTY");
  const auto pool = pools_.Get("visits");
  EXPECT_EQ(pool->imported(), 1);
  EXPECT_EQ(pool->remaining(), 0);
}

TEST_F(PoolTest, EveryViolationOfAnImportIsNamedAndTheRestIsImported) {
  const std::string longest(PoolCode::kBytesMax, 'x');
  const auto answer = pools_.Import("visits", {{"GOOD-1", "abc", longest + "x", "WITH SPACE", "",
                                                "caf\xc3\xa9-1", longest, "GOOD-1"},
                                               {},
                                               PoolCodes(500, "FULL-"),
                                               PoolCodes(501, "OVER-")});
  ASSERT_EQ(Reason(answer.status), "OK");
  EXPECT_EQ(answer->added(), 502);
  EXPECT_EQ(answer->already_known(), 1);
  EXPECT_EQ(answer->rejected(), 7);
  std::vector<std::string> places;
  for (const auto& rejection : answer->rejections()) {
    places.push_back(std::to_string(rejection.message_index()) + "/" +
                     std::to_string(rejection.code_index()));
    EXPECT_THAT(rejection.DebugString(), Not(HasSubstr("WITH SPACE")));
    EXPECT_EQ(rejection.error().code(), 3);
  }
  EXPECT_THAT(places, ElementsAre("0/1", "0/2", "0/3", "0/4", "0/5", "1/-1", "3/-1"));
  const auto repeated = pools_.Import("visits", {PoolCodes(500, "FULL-")});
  EXPECT_EQ(repeated->added(), 0);
  EXPECT_EQ(repeated->already_known(), 500);
  const auto elsewhere = pools_.Import("others", {{"NEW-1", "GOOD-1"}});
  EXPECT_EQ(elsewhere->added(), 1);
  ASSERT_EQ(elsewhere->rejections_size(), 1);
  EXPECT_EQ(elsewhere->rejections(0).code_index(), 1);
  EXPECT_EQ(elsewhere->rejections(0).error().code(), 6);
  EXPECT_EQ(pools_.Get("visits")->remaining(), 502);
}

TEST_F(PoolTest, ThePoolsNameHasLimits) {
  const std::string longest = "a" + std::string(63, '9');
  EXPECT_EQ(pools_.Import(longest, {{"CODE-1"}})->added(), 1);
  EXPECT_EQ(pools_.Get(longest)->remaining(), 1);
  for (const std::string& bad : {longest + "9", std::string(), std::string("Visits"),
                                 std::string("1visits"), std::string("visits!")}) {
    EXPECT_EQ(pools_.Import(bad, {{"CODE-2"}})->rejected(), 1) << bad;
    const auto got = pools_.Get(bad);
    EXPECT_EQ(Reason(got.status), "INVALID_ARGUMENT/INVALID_REQUEST") << bad;
    EXPECT_THAT(Fields(got.status), ElementsAre("pool"));
  }
}

TEST_F(PoolTest, NoMoreThanAHundredRejectionsAreListedAndAllAreCounted) {
  const auto answer = pools_.Import("visits", {std::vector<std::string>(101, "bad")});
  EXPECT_EQ(answer->rejected(), 101);
  EXPECT_EQ(answer->rejections_size(), 100);
}

TEST_F(PoolTest, WhileTheStoreIsAwayAnImportFailsAsAWhole) {
  service_.store().SetAway(true);
  EXPECT_EQ(Reason(pools_.Import("visits", {{"CODE-1"}}).status), "UNAVAILABLE/STORE_UNREACHABLE");
  EXPECT_EQ(Reason(api().Report(MissedVisit("I-1")).status), "UNAVAILABLE/STORE_UNREACHABLE");
  service_.store().SetAway(false);
  EXPECT_EQ(pools_.Import("visits", {{"CODE-1"}})->added(), 1);
}

TEST_F(PoolTest, WhoTypesWrongCodesHasToWaitAndNobodyElse) {
  ASSERT_EQ(Reason(api().Upsert(ACustomer("C-2")).status), "OK");
  const auto code = api().Report(LateDelivery("I-1", "C-2"))->decision().voucher().code();
  ASSERT_THAT(code, Not(""));
  const std::string wrong = "0000-0000-0000-0000";
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Reason(api().Redeem(Redemption(wrong, "R-1", "O-1", "C-1")).status),
              "NOT_FOUND/VOUCHER_NOT_REDEEMABLE");
  }
  service_.store().SetAway(true);  // who is refused now was refused before the store was asked
  const auto refused = api().Redeem(Redemption(wrong, "R-1", "O-1", "C-1"));
  EXPECT_EQ(Reason(refused.status), "RESOURCE_EXHAUSTED/TOO_MANY_WRONG_CODES");
  EXPECT_TRUE(HasRetryInfo(refused.status));
  service_.store().SetAway(false);
  EXPECT_EQ(Reason(api().Redeem(Redemption(code, "R-2", "O-2", "C-1")).status),
            "RESOURCE_EXHAUSTED/TOO_MANY_WRONG_CODES");
  EXPECT_EQ(Reason(api().Redeem(Redemption(code, "R-2", "O-2", "C-2")).status), "OK");
}

}  // namespace
}  // namespace kulanz::e2e
