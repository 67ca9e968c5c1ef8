// Who types wrong codes is slowed down, at each limit and one past it; who does not, is not.
#include "service/app/guess_throttle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/app/voucher_file.h"
#include "service/app/voucher_gate.h"
#include "service/domain/voucher_code.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using std::chrono::seconds;
using ::testing::ElementsAre;

class FakeScheduler final : public ports::Scheduler {
 public:
  Deadline Now() const override { return now; }
  Task<void> Sleep(Duration) override { co_return; }
  bool stopping() const override { return false; }
  Deadline now = Deadline(std::chrono::hours(1000));
};

class CountingTelemetry final : public ports::NullTelemetry {
 public:
  void VoucherGuessed(std::string_view result, bool trusted_caller) override {
    const std::lock_guard lock(mutex_);
    ++counts[std::string(result) + (trusted_caller ? " trusted" : " untrusted")];
  }
  std::map<std::string, int> counts;

 private:
  std::mutex mutex_;
};

class Events final : public ports::Log {
 public:
  void Write(ports::LogLevel, std::string_view event, std::string_view,
             std::initializer_list<Field> fields) override {
    for (const Field& field : fields) {
      if (field.first == "scope") {
        written.push_back(std::string(event) + " " + field.second);
      }
      all += field.second + " ";
    }
  }
  std::vector<std::string> written;
  std::string all;
};

constexpr Duration kCustomerRecovery = seconds{60};
constexpr Duration kCallerRecovery = seconds{10};
constexpr int kCustomerMax = 10;
constexpr int kCallerMax = 30;

class GuessThrottleTest : public ::testing::Test {
 protected:
  static GuessThrottle::Attempt By(const std::string& caller, const std::string& customer,
                                   bool trusted = true) {
    return {{caller, caller}, trusted, CustomerId(customer)};
  }
  // Whether the attempt was let in; then it ends so.
  bool Try(const GuessThrottle::Attempt& attempt, CodeOutcome outcome) {
    const Status status = throttle_.Begin(attempt);
    if (status.ok()) {
      throttle_.End(attempt, outcome);
    } else {
      EXPECT_EQ(status.code(), Code::kResourceExhausted);
      EXPECT_EQ(status.reason(), "TOO_MANY_WRONG_CODES");
      wait_ = status.retry_after().value_or(Duration{0});
    }
    return status.ok();
  }
  bool Wrong(const GuessThrottle::Attempt& attempt) { return Try(attempt, CodeOutcome::kWrong); }
  bool Right(const GuessThrottle::Attempt& attempt) { return Try(attempt, CodeOutcome::kRight); }
  bool Typo(const GuessThrottle::Attempt& attempt) { return Try(attempt, CodeOutcome::kTypo); }

  FakeScheduler scheduler_;
  CountingTelemetry telemetry_;
  Events log_;
  GuessThrottle throttle_{{scheduler_, telemetry_, log_}};
  Duration wait_{0};
};

TEST_F(GuessThrottleTest, ACustomerHasTenWrongCodesAndNotOneMore) {
  const auto guesser = By("shop", "C-1");
  for (int i = 0; i < kCustomerMax; ++i) {
    EXPECT_TRUE(Wrong(guesser)) << i;
  }
  EXPECT_FALSE(Wrong(guesser));
  EXPECT_EQ(wait_, kCustomerRecovery);
  EXPECT_FALSE(Right(guesser)) << "a guesser must not find out by being let in";
  EXPECT_TRUE(Right(By("shop", "C-2")));
}

TEST_F(GuessThrottleTest, TimeGivesBackOneAtATimeAndTheRetryHintSaysWhen) {
  const auto guesser = By("shop", "C-1");
  for (int i = 0; i < kCustomerMax; ++i) {
    Wrong(guesser);
  }
  ASSERT_FALSE(Wrong(guesser));
  scheduler_.now += wait_ - Duration{1};
  EXPECT_FALSE(Wrong(guesser));
  EXPECT_EQ(wait_, Duration{1});
  scheduler_.now += wait_;
  EXPECT_TRUE(Wrong(guesser));
  EXPECT_FALSE(Wrong(guesser));
  scheduler_.now += kCustomerRecovery * kCustomerMax;
  for (int i = 0; i < kCustomerMax; ++i) {
    EXPECT_TRUE(Wrong(guesser)) << i;
  }
  EXPECT_FALSE(Wrong(guesser));
}

TEST_F(GuessThrottleTest, RightCodesCostNothingAndGiveNothingBack) {
  const auto customer = By("shop", "C-1");
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(Right(customer));
  }
  for (int i = 0; i < kCustomerMax; ++i) {
    EXPECT_TRUE(Wrong(customer));
    if (i < kCustomerMax - 1) {
      EXPECT_TRUE(Right(customer));
    }
  }
  EXPECT_FALSE(Wrong(customer));
}

TEST_F(GuessThrottleTest, AMistypedCodeCostsAFifth) {
  const auto customer = By("shop", "C-1");
  // The last that fits needs room for a whole one, as nobody knows before.
  const int fits = (kCustomerMax - 1) * static_cast<int>(kTyposPerWrongCode) + 1;
  for (int i = 0; i < fits; ++i) {
    EXPECT_TRUE(Typo(customer)) << i;
  }
  EXPECT_FALSE(Typo(customer));
  EXPECT_EQ(wait_, kCustomerRecovery / kTyposPerWrongCode);
}

TEST_F(GuessThrottleTest, AnUntrustedCallerHasThirtyWhateverCustomersItNames) {
  for (int i = 0; i < kCallerMax; ++i) {
    EXPECT_TRUE(Wrong(By("bot", "C-" + std::to_string(i), false))) << i;
  }
  EXPECT_FALSE(Wrong(By("bot", "C-99", false)));
  EXPECT_EQ(wait_, kCallerRecovery);
  EXPECT_FALSE(Wrong(By("bot", "", false)));
  EXPECT_TRUE(Right(By("other", "C-1", false)));
}

TEST_F(GuessThrottleTest, WhoGuessesInSomebodysNameDoesNotLockThemOutElsewhere) {
  for (int i = 0; i < 100; ++i) {
    Wrong(By("bot", "C-1", false));
  }
  EXPECT_TRUE(Right(By("shop", "C-1", true)));
  EXPECT_TRUE(Right(By("phone", "C-1", false)));
  EXPECT_FALSE(Right(By("bot", "C-1", false)));
}

TEST_F(GuessThrottleTest, ATrustedCallerIsReportedButNeverRefused) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(Wrong(By("shop", "", true))) << i;
  }
  EXPECT_THAT(log_.written, ElementsAre("voucher_guessing trusted_caller"));
  EXPECT_TRUE(Right(By("shop", "C-1", true)));
}

TEST_F(GuessThrottleTest, OneAlertForEachFillingWithoutNamesOrAddresses) {
  const auto guesser = By("10.1.2.3", "C-SECRET", false);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50; ++i) {
      Wrong(guesser);
    }
    scheduler_.now += std::chrono::hours(1);
  }
  EXPECT_THAT(log_.written, ElementsAre("voucher_guessing customer", "voucher_guessing customer"));
  EXPECT_EQ(log_.all.find("C-SECRET"), std::string::npos);
  EXPECT_EQ(log_.all.find("10.1.2.3"), std::string::npos);
}

TEST_F(GuessThrottleTest, ManyAtOnceAreNotMoreThanManyInTurn) {
  const auto guesser = By("shop", "C-1");
  int let_in = 0;
  for (int i = 0; i < 100; ++i) {
    let_in += throttle_.Begin(guesser).ok() ? 1 : 0;  // none has ended yet
  }
  EXPECT_EQ(let_in, kCustomerMax);
}

TEST_F(GuessThrottleTest, ManyThreadsGetNoMoreEither) {
  const auto guesser = By("shop", "C-1");
  std::atomic<int> let_in{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        if (throttle_.Begin(guesser).ok()) {
          throttle_.End(guesser, CodeOutcome::kWrong);
          ++let_in;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(let_in, kCustomerMax);
}

TEST_F(GuessThrottleTest, MemoryIsBounded) {
  GuessThrottle small({scheduler_, telemetry_, log_}, {.entries_max = 100});
  for (int i = 0; i < 1000; ++i) {
    const auto attempt = By("shop", "C-" + std::to_string(i));
    if (small.Begin(attempt).ok()) {
      small.End(attempt, CodeOutcome::kWrong);
    }
    EXPECT_LE(small.entries(), 100U);
  }
}

TEST_F(GuessThrottleTest, CountsByWhatItWasAndWho) {
  Wrong(By("shop", "C-1"));
  Typo(By("shop", "C-1"));
  Right(By("shop", "C-1"));
  for (int i = 0; i < kCallerMax + 2; ++i) {
    Wrong(By("bot", "", false));
  }
  EXPECT_EQ(telemetry_.counts["wrong trusted"], 1);
  EXPECT_EQ(telemetry_.counts["typo trusted"], 1);
  EXPECT_EQ(telemetry_.counts["wrong untrusted"], kCallerMax);
  EXPECT_EQ(telemetry_.counts["throttled untrusted"], 2);
}

// ---- The gate ------------------------------------------------------------------------------------

class NobodyTrusted final : public CallerTrust {
 public:
  bool IsTrusted(const Caller& /*caller*/) const override { return false; }
};

Task<Result<int>> Answer(Status status, int* started) {
  ++*started;
  if (!status.ok()) {
    co_return status;
  }
  co_return 7;
}

class VoucherGateTest : public GuessThrottleTest {
 protected:
  Status Pass(const CallerTrust& trust, const Status& status, const std::string& code = kCode) {
    VoucherGate gate(throttle_, trust, nullptr);
    VoucherVisit visit{{"peer", "10.0.0.1"}, code, CustomerId("C-1"), Deadline::max()};
    auto work = Answer(status, &started_);
    const auto result = SyncWait(gate.Pass(std::move(visit), std::move(work)));
    return result.ok() ? Status::Ok() : result.status();
  }
  inline static const std::string kCode =
      VoucherCode::Make(3, std::array<std::uint8_t, 9>{}).Reveal();
  EverybodyTrusted everybody_;
  NobodyTrusted nobody_;
  int started_ = 0;
};

TEST_F(VoucherGateTest, TheUntrustedGetOneAnswerForEveryRefusal) {
  const Status plain = NotRedeemable();
  for (const auto& [code, reason] : {std::pair(Code::kFailedPrecondition, "VOUCHER_EXPIRED"),
                                     {Code::kFailedPrecondition, "ORDER_BELOW_MINIMUM"},
                                     {Code::kAlreadyExists, "REDEMPTION_CONFLICT"},
                                     {Code::kNotFound, "SOMETHING_ELSE"}}) {
    scheduler_.now += std::chrono::hours(1);
    const Status refusal =
        Status(code, reason, "secret detail").WithMetadata("validUntil", "2026-01-01");
    const Status masked = Pass(nobody_, refusal);
    EXPECT_EQ(masked.ToString(), plain.ToString());
    EXPECT_EQ(masked.metadata(), plain.metadata());
    EXPECT_EQ(Pass(everybody_, refusal).reason(), reason);
  }
}

TEST_F(VoucherGateTest, FailuresOfTheServiceStayHonestAndCostNothing) {
  for (const auto& [code, reason] : {std::pair(Code::kUnavailable, "STORE_UNREACHABLE"),
                                     {Code::kFailedPrecondition, "NO_GENESIS"},
                                     {Code::kFailedPrecondition, "STORE_LOST_WRITES"},
                                     {Code::kDataLoss, "RECORD_CORRUPT"}}) {
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(Pass(nobody_, Status(code, reason, "why")).reason(), reason);
    }
  }
}

// Were it otherwise, who is throttled after ten would know that the code does not exist.
TEST_F(VoucherGateTest, ToTheUntrustedAVoucherThatExistsCountsLikeOneThatDoesNot) {
  const Status expired(Code::kFailedPrecondition, "VOUCHER_EXPIRED", "expired");
  for (int i = 0; i < kCustomerMax; ++i) {
    EXPECT_EQ(Pass(nobody_, expired).reason(), "VOUCHER_NOT_REDEEMABLE");
  }
  EXPECT_EQ(Pass(nobody_, expired).reason(), "TOO_MANY_WRONG_CODES");
  // The holder, through the shop, may look at an expired voucher as often as they like.
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(Pass(everybody_, expired).reason(), "VOUCHER_EXPIRED");
  }
}

TEST_F(VoucherGateTest, OnceThrottledTheStoreIsNotAsked) {
  for (int i = 0; i < 50; ++i) {
    static_cast<void>(Pass(everybody_, NotRedeemable()));
  }
  EXPECT_EQ(started_, kCustomerMax);
  EXPECT_EQ(Pass(everybody_, Status::Ok()).reason(), "TOO_MANY_WRONG_CODES");
  EXPECT_EQ(started_, kCustomerMax);
  scheduler_.now += kCustomerRecovery;
  EXPECT_THAT(Pass(everybody_, Status::Ok()), IsOk());
}

TEST_F(VoucherGateTest, ACodeWithAWrongCheckSymbolIsATypo) {
  std::string typo = kCode;
  typo.back() = typo.back() == 'A' ? 'B' : 'A';
  for (int i = 0; i < kCustomerMax + 5; ++i) {
    EXPECT_EQ(Pass(everybody_, NotRedeemable(), typo).reason(), "VOUCHER_NOT_REDEEMABLE");
  }
  EXPECT_EQ(telemetry_.counts["typo trusted"], kCustomerMax + 5);
}

}  // namespace
}  // namespace kulanz::app
