#include "service/engine/amount.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/engine/random.h"

namespace kulanz::engine {
namespace {

const Currency kEur = *Currency::FromCode("EUR");

ExactMoney Exact(const std::string& number) { return {*Decimal::Parse(number), kEur}; }

std::string Resolve(const std::string& exact, const std::string& low, const std::string& high,
                    Rounding round = Rounding::kHalfUp,
                    policy::BelowMinimum below = policy::BelowMinimum::kRaise) {
  policy::AmountRule rule;
  rule.round = round;
  rule.below_minimum = below;
  AmountBounds bounds;
  if (!low.empty()) {
    bounds.at_least = Exact(low);
  }
  if (!high.empty()) {
    bounds.at_most = Exact(high);
  }
  const SlotAmount slot = ResolveAmount(rule, kEur, Exact(exact), bounds);
  EXPECT_EQ(slot.problem, AmountProblem::kNone);
  return slot.money ? slot.money->Number() : "nothing";
}

TEST(AmountTest, RoundsOnceByTheRule) {
  EXPECT_EQ(Resolve("1.005", "", ""), "1.01");
  EXPECT_EQ(Resolve("1.005", "", "", Rounding::kHalfEven), "1.00");
  EXPECT_EQ(Resolve("1.015", "", "", Rounding::kHalfEven), "1.02");
  EXPECT_EQ(Resolve("1.005", "", "", Rounding::kHalfDown), "1.00");
  EXPECT_EQ(Resolve("1.001", "", "", Rounding::kUp), "1.01");
  EXPECT_EQ(Resolve("1.009", "", "", Rounding::kDown), "1.00");
  EXPECT_EQ(Resolve("1.001", "", "", Rounding::kCeiling), "1.01");
  EXPECT_EQ(Resolve("1.009", "", "", Rounding::kFloor), "1.00");
}

TEST(AmountTest, CapsAndRaises) {
  EXPECT_EQ(Resolve("60", "4", "50"), "50.00");
  EXPECT_EQ(Resolve("0.01", "4", "50"), "4.00");
  EXPECT_EQ(Resolve("3.99", "4", "50", Rounding::kHalfUp, policy::BelowMinimum::kSkip), "nothing");
  EXPECT_EQ(Resolve("4", "4", "50", Rounding::kHalfUp, policy::BelowMinimum::kSkip), "4.00");
}

TEST(AmountTest, NothingStaysNothing) {
  EXPECT_EQ(Resolve("0", "4", "50"), "nothing");
  EXPECT_EQ(Resolve("-3", "4", "50"), "nothing");
  EXPECT_EQ(Resolve("0.004", "", ""), "nothing");  // rounds to nothing
  EXPECT_EQ(Resolve("5", "10", "8"), "nothing");   // bounds that exclude each other
  EXPECT_EQ(Resolve("5", "", "0.009"), "nothing");
}

TEST(AmountTest, AnotherCurrencyIsAProblem) {
  const ExactMoney dollars{*Decimal::Parse("5"), *Currency::FromCode("USD")};
  EXPECT_EQ(ResolveAmount({}, kEur, dollars, {}).problem, AmountProblem::kCurrency);
  EXPECT_EQ(ResolveAmount({}, kEur, Exact("5"), {.at_least = {}, .at_most = dollars}).problem,
            AmountProblem::kCurrency);
}

TEST(AmountTest, ResultsNeverLeaveTheirBounds) {
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto exact = [&random] {
      const auto scale = static_cast<int>(random.Between(0, 6));
      return ExactMoney(*Decimal::FromParts(random.Between(0, 20'000'000), scale), kEur);
    };
    policy::AmountRule rule;
    rule.round = static_cast<Rounding>(random.Between(0, 6));
    rule.below_minimum = static_cast<policy::BelowMinimum>(random.Between(0, 1));
    AmountBounds bounds;
    if (random.Between(0, 3) > 0) {
      bounds.at_least = exact();
    }
    if (random.Between(0, 3) > 0) {
      bounds.at_most = exact();
    }
    const ExactMoney amount = exact();
    const SlotAmount slot = ResolveAmount(rule, kEur, amount, bounds);
    ASSERT_EQ(slot.problem, AmountProblem::kNone);
    if (!slot.money) {
      continue;
    }
    const Decimal result = ExactMoney(*slot.money).amount;
    ASSERT_GT(slot.money->minor_units(), 0);
    ASSERT_TRUE(!bounds.at_least || result >= bounds.at_least->amount) << "round " << i;
    ASSERT_TRUE(!bounds.at_most || result <= bounds.at_most->amount) << "round " << i;
  }
}

}  // namespace
}  // namespace kulanz::engine
