#include "service/policy/condition_logic.h"

#include <gtest/gtest.h>

namespace kulanz::policy {
namespace {

bool Follows(std::string_view stronger, std::string_view weaker) {
  return Implies(ParseCondition(stronger), ParseCondition(weaker));
}
bool Exclude(std::string_view a, std::string_view b) {
  const bool excluded = Contradict(ParseCondition(a), ParseCondition(b));
  EXPECT_EQ(excluded, Contradict(ParseCondition(b), ParseCondition(a))) << a << " | " << b;
  return excluded;
}

TEST(ConditionLogicTest, ANarrowerBoundFollows) {
  EXPECT_TRUE(Follows("vars.days >= 7", "vars.days >= 1"));
  EXPECT_TRUE(Follows("vars.days > 1", "vars.days >= 1"));
  EXPECT_TRUE(Follows("vars.days>=7", "vars.days  >=  7"));
  EXPECT_TRUE(Follows("x < 3", "x <= 3"));
  EXPECT_TRUE(Follows("order.total > eur(20.00)", "order.total > eur(5.00)"));
  EXPECT_TRUE(Follows("a - b >= hours(24)", "a - b >= hours(12)"));
  EXPECT_FALSE(Follows("vars.days >= 1", "vars.days >= 7"));
  EXPECT_FALSE(Follows("vars.days >= 1", "vars.days > 1"));
  EXPECT_FALSE(Follows("vars.days >= 7", "vars.days <= 9"));
  EXPECT_FALSE(Follows("vars.days >= 7", "vars.weeks >= 1"));
  EXPECT_FALSE(Follows("x > hours(24)", "x > days(1)"));  // other units are not compared
  EXPECT_FALSE(Follows("x > -1", "x > 1"));
  EXPECT_TRUE(Follows("x > 1", "x > -1"));
}

TEST(ConditionLogicTest, AllPartsMustFollow) {
  EXPECT_TRUE(Follows("a && b >= 3", "b >= 2"));
  EXPECT_TRUE(Follows("b >= 3 && a", "a && b >= 2"));
  EXPECT_FALSE(Follows("b >= 3", "a && b >= 2"));
  EXPECT_TRUE(Follows("a || b", "a||b"));
  EXPECT_FALSE(Follows("a || b", "a"));
  EXPECT_FALSE(Follows("c ? a && b : d", "a"));
  EXPECT_TRUE(Follows(R"(x in ["a"])", R"(x in ["b", "a"])"));
  EXPECT_TRUE(Follows(R"(x == "a")", R"(x in ['b', 'a'])"));
  EXPECT_FALSE(Follows(R"(x in ["a", "c"])", R"(x in ["b", "a"])"));
}

TEST(ConditionLogicTest, WhatStandsInQuotesAndBracketsIsNoOperator) {
  EXPECT_FALSE(Follows(R"(x == "a && b")", "b"));
  EXPECT_FALSE(Follows(R"(x == "a \" && b")", "b"));
  EXPECT_FALSE(Follows("f(a && b)", "b"));
  EXPECT_FALSE(Exclude(R"(x == "a b")", R"(x == "a b")"));
  EXPECT_TRUE(Exclude(R"(x == "a b")", R"(x == "ab")"));
  EXPECT_FALSE(Follows("a // && b", "a"));  // a comment: nothing is said
}

TEST(ConditionLogicTest, OtherValuesAndRangesExcludeEachOther) {
  EXPECT_TRUE(Exclude("x >= 5", "x < 5"));
  EXPECT_TRUE(Exclude("x > 5", "x <= 5"));
  EXPECT_FALSE(Exclude("x >= 5", "x <= 5"));
  EXPECT_FALSE(Exclude("x >= 5", "x >= 7"));
  EXPECT_TRUE(Exclude(R"(care in ["a", "b"])", R"(care in ["c"])"));
  EXPECT_TRUE(Exclude(R"(care in ["a", "b"])", R"(care == "c")"));
  EXPECT_FALSE(Exclude(R"(care in ["a", "b"])", R"(care == "b")"));
  EXPECT_TRUE(Exclude("w && vars.large", "w && !vars.large"));
  EXPECT_FALSE(Exclude("vars.large", "vars.small"));
  EXPECT_FALSE(Exclude("", "vars.small"));
}

}  // namespace
}  // namespace kulanz::policy
