// How often the server is asked: the token bucket and the circuit breaker.
#include <gtest/gtest.h>

#include "service/adapters/smtp/circuit_breaker.h"
#include "service/adapters/smtp/token_bucket.h"

namespace kulanz::adapters {
namespace {

using ports::DeliveryReport;
using ports::DeliveryResult;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Deadline kStart{std::chrono::hours{1}};

TEST(TokenBucketTest, ASecondsWorthAtOnceThenOneByOne) {
  TokenBucket bucket(10);
  const Deadline latest = kStart + seconds{100};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(bucket.Take(kStart, latest), kStart) << i;
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(bucket.Take(kStart, latest), kStart + milliseconds{100} * i) << i;
  }
}

TEST(TokenBucketTest, ARestFillsItAndNoMore) {
  TokenBucket bucket(10);
  const Deadline later = kStart + seconds{60};
  EXPECT_EQ(bucket.Take(kStart, later), kStart);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(bucket.Take(later, later), later);
  EXPECT_EQ(bucket.Take(later, later), std::nullopt);
}

TEST(TokenBucketTest, WhoComesTooLateTakesNothing) {
  TokenBucket bucket(1);
  EXPECT_TRUE(bucket.Take(kStart, kStart));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(bucket.Take(kStart, kStart + milliseconds{999}));
  EXPECT_EQ(bucket.Take(kStart, kStart + seconds{1}), kStart + seconds{1});
}

TEST(TokenBucketTest, ZeroIsNoLimit) {
  TokenBucket bucket(0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bucket.Take(kStart, kStart), kStart);
}

TEST(TokenBucketTest, NoRateDriftsOverManyTokens) {
  for (const std::uint32_t rate : {1U, 3U, 7U, 300U, 10'000U}) {
    TokenBucket bucket(rate);
    Deadline now = kStart;
    for (std::uint32_t i = 0; i < rate * 3; ++i) now = *bucket.Take(now, now + seconds{60});
    EXPECT_LE(now, kStart + seconds{2});
    EXPECT_GE(now, kStart + seconds{2} - milliseconds{1}) << rate;
  }
}

DeliveryReport Away() {
  DeliveryReport report;
  report.reason = "SMTP_UNREACHABLE";
  report.counts = false;
  return report;
}

DeliveryReport With(DeliveryResult result, const char* reason) {
  DeliveryReport report;
  report.result = result;
  report.reason = reason;
  return report;
}

class CircuitBreakerTest : public ::testing::Test {
 protected:
  CircuitBreaker breaker_{{.failures_max = 3,
                           .away_first = seconds{1},
                           .away_max = seconds{8},
                           .misconfigured = seconds{30},
                           .probe = seconds{10}}};
};

TEST_F(CircuitBreakerTest, AFewFailuresAreNoReasonToStop) {
  for (int round = 0; round < 10; ++round) {
    breaker_.Record(Away(), kStart);
    breaker_.Record(Away(), kStart);
    EXPECT_FALSE(breaker_.Admit(kStart));
    breaker_.Record(With(DeliveryResult::kAccepted, ""), kStart);
  }
}

TEST_F(CircuitBreakerTest, WhatIsSaidOfALetterIsNoFailure) {
  for (int i = 0; i < 100; ++i) {
    breaker_.Record(With(DeliveryResult::kRetry, "SMTP_451"), kStart);
    breaker_.Record(With(DeliveryResult::kUndeliverable, "SMTP_550"), kStart);
  }
  EXPECT_FALSE(breaker_.Admit(kStart));
}

TEST_F(CircuitBreakerTest, AServerThatIsAwayIsAskedEverMoreSeldom) {
  Deadline now = kStart;
  breaker_.Record(Away(), now);
  breaker_.Record(Away(), now);
  for (const auto pause :
       {seconds{1}, seconds{2}, seconds{4}, seconds{8}, seconds{8}, seconds{8}}) {
    breaker_.Record(Away(), now);
    const auto refusal = breaker_.Admit(now + milliseconds{1});
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->reason, "SMTP_UNREACHABLE");
    EXPECT_FALSE(refusal->counts);
    EXPECT_EQ(refusal->retry_after, pause - milliseconds{1});
    EXPECT_TRUE(breaker_.Admit(now + pause - milliseconds{1}));
    now += pause;
    EXPECT_FALSE(breaker_.Admit(now)) << "one goes ahead";
    EXPECT_TRUE(breaker_.Admit(now)) << "and only one";
  }
  breaker_.Record(With(DeliveryResult::kAccepted, ""), now);
  EXPECT_FALSE(breaker_.Admit(now));
  EXPECT_FALSE(breaker_.Admit(now));
}

TEST_F(CircuitBreakerTest, OneThatWentAheadAndNeverCameBackIsReplaced) {
  for (int i = 0; i < 3; ++i) breaker_.Record(Away(), kStart);
  EXPECT_FALSE(breaker_.Admit(kStart + seconds{1}));
  EXPECT_TRUE(breaker_.Admit(kStart + seconds{10}));
  EXPECT_FALSE(breaker_.Admit(kStart + seconds{11}));
}

TEST_F(CircuitBreakerTest, AWrongPasswordIsTriedOnceInAWhile) {
  breaker_.Record(With(DeliveryResult::kMisconfigured, "SMTP_LOGIN_REFUSED"), kStart);
  const auto refusal = breaker_.Admit(kStart + seconds{29});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->result, DeliveryResult::kMisconfigured);
  EXPECT_EQ(refusal->retry_after, seconds{1});
  EXPECT_FALSE(breaker_.Admit(kStart + seconds{30}));
  breaker_.Record(With(DeliveryResult::kUndeliverable, "SMTP_550"), kStart + seconds{30});
  EXPECT_FALSE(breaker_.Admit(kStart + seconds{30}));
}

}  // namespace
}  // namespace kulanz::adapters
