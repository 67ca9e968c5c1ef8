// BreakerLevels: what metrics say of breakers is what the store has, on every server.
#include "service/app/breaker_levels.h"

#include <gmock/gmock.h>

#include <chrono>

#include "tests/unit/app/breaker_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using ::testing::Contains;
using ::testing::ElementsAre;

class BreakerLevelsTest : public BreakerFixture {};

TEST_F(BreakerLevelsTest, TheNamesAreThoseOfThePolicies) {
  UseBreakers(
      "{each: type, gestures: 1, within: 10m}, {policy: lost-parcel, gestures: 1, within: 1h}");
  EXPECT_THAT(BreakersOf(*policies_.Current()),
              ElementsAre("type/late_delivery", "type/lost_parcel", "type/missed_visit",
                          "type/rude_answer", "policy/lost-parcel"));
}

TEST_F(BreakerLevelsTest, EveryServerTellsWhatIsHeldUntilItIsDecided) {
  Turn(*one_);
  EXPECT_THAT(breaker_telemetry_.Told(), ElementsAre("type/late_delivery passes 0"));
  ReportMany(*one_, "a", 5);
  Turn(*two_);
  EXPECT_THAT(breaker_telemetry_.Told(), ElementsAre("type/late_delivery tripped 2"));
  ASSERT_THAT(Release(60), IsOk());
  Seconds(4, {one_.get()});
  EXPECT_EQ(Held(), 0U);
  now_ += std::chrono::seconds(5);
  Turn(*two_);
  EXPECT_THAT(breaker_telemetry_.Told(), ElementsAre("type/late_delivery passes 0"));
}

TEST_F(BreakerLevelsTest, CasesAreCountedEverySecondsAndNotAtEachTelling) {
  ReportMany(*one_, "a", 4);
  Turn(*one_);
  ReportMany(*one_, "b", 2);
  now_ += std::chrono::milliseconds(4'999);
  Turn(*one_);
  EXPECT_THAT(breaker_telemetry_.Told(), ElementsAre("type/late_delivery tripped 1"));
  now_ += std::chrono::milliseconds(1);
  Turn(*one_);
  EXPECT_THAT(breaker_telemetry_.Told(), ElementsAre("type/late_delivery tripped 3"));
}

TEST_F(BreakerLevelsTest, WhatTheStoreDoesNotAnswerKeepsItsNumber) {
  ReportMany(*one_, "a", 4);
  Turn(*one_);
  ReportMany(*one_, "b", 2);
  now_ += std::chrono::seconds(6);
  store_.fail_summaries = true;
  Turn(*one_);
  EXPECT_THAT(breaker_telemetry_.Told(), ElementsAre("type/late_delivery tripped 1"));
}

TEST_F(BreakerLevelsTest, OneThatPoliciesSetNoMoreIsToldWhileItHoldsSomething) {
  ReportMany(*one_, "a", 4);
  UseBreakers("{type: lost_parcel, gestures: 1, within: 10m}");
  Turn(*two_);
  EXPECT_THAT(breaker_telemetry_.Told(),
              ElementsAre("type/late_delivery tripped 1", "type/lost_parcel passes 0"));
  ASSERT_THAT(Release(6'000), IsOk());
  Seconds(200, {one_.get()});
  Turn(*Start());
  EXPECT_THAT(breaker_telemetry_.Told(), ElementsAre("type/lost_parcel passes 0"));
}

}  // namespace
}  // namespace kulanz::app
