// Who is taken in and who is told to come again, in virtual time; and that nothing of a call stays.
#include "service/app/call_admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/queueing_model.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Ended = CallAdmission::Ended;

const Deadline kNow(std::chrono::hours(1000));

AdaptiveLimitSettings Fixed(std::uint32_t limit) { return {.adaptive = false, .limit_max = limit}; }

// How many of `count` calls are taken in.
int Enter(CallAdmission& admission, const std::string& caller, int count) {
  int entered = 0;
  for (int i = 0; i < count; ++i) {
    entered += admission.Enter(caller, kNow).ok() ? 1 : 0;
  }
  return entered;
}

TEST(CallAdmissionTest, OneCallerAloneMayHaveAllAndNotOneMore) {
  CallAdmission admission(Fixed(10));
  EXPECT_EQ(Enter(admission, "a", 10), 10);
  const Status refused = admission.Enter("a", kNow);
  EXPECT_THAT(refused, StatusIs(Code::kResourceExhausted, kServerOverloaded));
  ASSERT_TRUE(refused.retry_after());
  EXPECT_GE(*refused.retry_after(), kAdmissionRetryMin);
}

TEST(CallAdmissionTest, ASecondCallerIsServedAtOnceUpToItsShareAndTheFirstIsRefused) {
  CallAdmission admission(Fixed(20));
  EXPECT_EQ(Enter(admission, "greedy", 25), 20);
  EXPECT_THAT(admission.Glance(kNow), IsOk());
  EXPECT_EQ(Enter(admission, "modest", 10), 10);
  EXPECT_THAT(admission.Enter("greedy", kNow),
              StatusIs(Code::kResourceExhausted, kCallerOverShare));
  // Half as many again is the end for everybody: nobody may fill the memory with callers.
  EXPECT_THAT(admission.Enter("third", kNow),
              StatusIs(Code::kResourceExhausted, kServerOverloaded));
  EXPECT_THAT(admission.Glance(kNow), StatusIs(Code::kResourceExhausted, kServerOverloaded));
}

TEST(CallAdmissionTest, WhoHasNoCallsInHandIsForgotten) {
  CallAdmission admission(Fixed(4));
  EXPECT_EQ(Enter(admission, "a", 4), 4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(admission.view().callers, 1U);
    admission.Leave("a", i < 2 ? Ended::kServed : Ended::kNothing, kNow, kNow + milliseconds(1));
  }
  EXPECT_EQ(admission.view().in_flight, 0U);
  EXPECT_EQ(admission.view().callers, 0U);
  EXPECT_EQ(Enter(admission, "b", 5), 4);
}

TEST(CallAdmissionTest, TheRefusedAreSpreadAndComeLaterTheMoreTheyAre) {
  CallAdmission admission(Fixed(1));
  EXPECT_THAT(admission.Enter("a", kNow), IsOk());
  const Duration first = *admission.Enter("a", kNow).retry_after();
  EXPECT_LE(first, 3 * kAdmissionRetryMin);
  std::vector<Duration> delays;
  for (int i = 0; i < 100'000; ++i) {
    delays.push_back(*admission.Enter("a", kNow).retry_after());
  }
  const auto [soonest, latest] = std::minmax_element(delays.end() - 100, delays.end());
  EXPECT_GT(*soonest, milliseconds(2'000));
  EXPECT_LE(*latest, kAdmissionRetryMax);
  EXPECT_GT(*latest - *soonest, milliseconds(2'000)) << "they would all come back at once";
  // Two quiet seconds later the next one hears nothing of it.
  EXPECT_LE(*admission.Enter("a", kNow + seconds(2)).retry_after(), 3 * kAdmissionRetryMin);
}

// A store that does 1,600 calls a second, eight at a time.
class AdaptiveAdmissionTest : public ::testing::Test {
 protected:
  QueueingModel::Served Run(double times_capacity, QueueingModel::Micros duration) {
    return model_.Run({{"a", times_capacity * model_.capacity_per_second()}}, duration);
  }
  double Capacity() const { return model_.capacity_per_second(); }

  CallAdmission admission_{AdaptiveLimitSettings{.limit_min = 4}};
  QueueingModel model_{admission_, 8, milliseconds(5)};
};

TEST_F(AdaptiveAdmissionTest, NobodyIsRefusedAtNormalLoad) {
  EXPECT_TRUE(Run(0.7, seconds(30)).refused.empty());
}

TEST_F(AdaptiveAdmissionTest, AtTenTimesTheCapacityItDoesItsWorkAndWhoIsTakenInWaitsLittle) {
  Run(0.8, seconds(10));
  auto normal = Run(0.8, seconds(10));
  Run(10, seconds(2));
  auto overload = Run(10, seconds(20));
  EXPECT_GT(overload.total() / 20.0, 0.8 * Capacity());
  EXPECT_LE(overload.Percentile(0.99), 2 * normal.Percentile(0.99));
  EXPECT_LE(overload.in_flight_most, 64U);
  EXPECT_GT(overload.refused["a"], 8 * overload.total());
}

TEST_F(AdaptiveAdmissionTest, TwoMinutesOfOverloadTeachNothingWrong) {
  Run(0.5, seconds(5));
  Run(3, seconds(120));
  auto late = Run(3, seconds(10));
  EXPECT_GT(late.total() / 10.0, 0.8 * Capacity());
  EXPECT_LE(late.Percentile(0.5), milliseconds(13));
}

TEST_F(AdaptiveAdmissionTest, AllIsServedAgainTwoSecondsAfterTheOverload) {
  Run(0.8, seconds(5));
  Run(10, seconds(10));
  Run(0.8, seconds(2));
  EXPECT_TRUE(Run(0.8, seconds(10)).refused.empty());
}

TEST_F(AdaptiveAdmissionTest, AStoreThatIsFartherAwayFromNowOnIsLearntEvenUnderLoad) {
  Run(0.8, seconds(10));
  model_.SetWork(milliseconds(20));
  Run(2, seconds(60));
  EXPECT_GT(Run(2, seconds(10)).total() / 10.0, 0.8 * Capacity());
}

TEST_F(AdaptiveAdmissionTest, WhoAsksTenTimesAsOftenGetsNoMore) {
  Run(0.8, seconds(5));
  auto both = model_.Run({{"greedy", 10 * Capacity()}, {"busy", Capacity()}}, seconds(20));
  EXPECT_LT(both.by_caller["greedy"], 1.3 * both.by_caller["busy"]);
}

TEST_F(AdaptiveAdmissionTest, WhoAsksForATenthOfWhatThereIsIsHardlyEverRefused) {
  Run(0.8, seconds(5));
  auto both = model_.Run({{"flood", 10 * Capacity()}, {"modest", 0.1 * Capacity()}}, seconds(20));
  EXPECT_LT(both.refused["modest"], both.by_caller["modest"] / 100);
  EXPECT_GT(both.by_caller["flood"], 0.6 * 20 * Capacity()) << "the rest is the other's";
}

// One connection to a store that is 15 ms away and does 500 calls a second, one after the other.
class PipeAdmissionTest : public ::testing::Test {
 protected:
  QueueingModel::Served Run(double times_capacity, QueueingModel::Micros duration) {
    return model_.Run({{"a", times_capacity * model_.capacity_per_second()}}, duration);
  }

  CallAdmission admission_{AdaptiveLimitSettings{.limit_min = 4}};
  QueueingModel model_{admission_, 1, milliseconds(2), milliseconds(15)};
};

TEST_F(PipeAdmissionTest, WhoIsTakenInAtTenTimesTheCapacityWaitsLittle) {
  Run(0.5, seconds(10));
  auto normal = Run(0.5, seconds(10));
  EXPECT_TRUE(normal.refused.empty());
  Run(10, seconds(2));
  auto overload = Run(10, seconds(20));
  EXPECT_GT(overload.total() / 20.0, 0.8 * model_.capacity_per_second());
  EXPECT_LE(overload.Percentile(0.99), 2 * normal.Percentile(0.99));
  Run(0.5, seconds(2));
  EXPECT_TRUE(Run(0.5, seconds(10)).refused.empty());
}

TEST_F(PipeAdmissionTest, AStoreThatIsSuddenlyAHundredTimesSlowerIsLearntWithinSeconds) {
  model_.SetWork(std::chrono::microseconds(20));
  Run(0.01, seconds(5));
  model_.SetWork(milliseconds(2));
  Run(10, seconds(10));
  EXPECT_GT(Run(10, seconds(10)).total() / 10.0, 0.8 * model_.capacity_per_second());
}

TEST(AdaptiveLimitTest, StaysWithinItsBounds) {
  AdaptiveLimit limit({.limit_min = 10, .limit_max = 40, .limit_first = 20});
  Deadline now = kNow;
  for (int i = 0; i < 4'000; ++i) {
    now += milliseconds(1);
    limit.Observe(milliseconds(1), limit.limit(), now);
  }
  EXPECT_EQ(limit.limit(), 40U);
  for (int i = 0; i < 1'000; ++i) {
    now += milliseconds(1);
    limit.Observe(milliseconds(100 + i), limit.limit(), now);
  }
  EXPECT_EQ(limit.limit(), 10U);
}

TEST(AdaptiveLimitTest, DoesNotGrowWithoutNeed) {
  AdaptiveLimit limit({.limit_first = 20});
  Deadline now = kNow;
  for (int i = 0; i < 4'000; ++i) {
    limit.Observe(milliseconds(1), 10, now += milliseconds(1));
  }
  EXPECT_EQ(limit.limit(), 20U);
}

TEST(AdaptiveLimitTest, AFewSlowCallsOfAQuietServerChangeNothing) {
  AdaptiveLimit limit({.limit_first = 50});
  Deadline now = kNow;
  for (int i = 0; i < 100; ++i) {
    limit.Observe(milliseconds(1), 1, now += milliseconds(10));
  }
  for (int i = 0; i < 20; ++i) {
    limit.Observe(seconds(5), 2, now += seconds(1));
  }
  EXPECT_EQ(limit.limit(), 50U);
}

TEST(CallAdmissionThreadsTest, NothingIsLeftOfManyCallsAtOnce) {
  CallAdmission admission(AdaptiveLimitSettings{.limit_min = 2, .limit_first = 3});
  std::atomic<int> served{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 2'000; ++i) {
          const std::string caller = "caller-" + std::to_string((thread + i) % 5);
          const Deadline start = std::chrono::steady_clock::now();
          if (admission.Enter(caller, start).ok()) {
            served.fetch_add(1);
            admission.Leave(caller, i % 3 == 0 ? Ended::kNothing : Ended::kServed, start,
                            std::chrono::steady_clock::now());
          }
        }
      });
    }
  }
  EXPECT_GT(served.load(), 1'000);
  EXPECT_EQ(admission.view().in_flight, 0U);
  EXPECT_EQ(admission.view().callers, 0U);
}

}  // namespace
}  // namespace kulanz::app
