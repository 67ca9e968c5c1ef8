#include "service/app/record_budget.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "service/app/keys.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

using kulanz::testing::StatusIs;

engine::BudgetPeriod Period() {
  const Currency eur = *Currency::FromCode("EUR");
  return {"logistics", *ParseDate("2026-03-01"), "Europe/Berlin", *Money::Parse("1000", eur)};
}

BudgetRecord TwoLeases() {
  BudgetRecord record;
  record.settled = 100;
  record.wanted = 3;
  record.leases.push_back({"lease-1", "me", 50, 20, 7, false});
  record.leases.push_back({"lease-2", "you", 30, 30, 9, true});
  return record;
}

class RecordBudgetTest : public ::testing::Test {
 protected:
  const RecordCodec codec_{HmacKey(std::string(32, 'k'))};
  const ports::Key key_ = Keys(16).Budget(PeriodName(Period()));
};

TEST_F(RecordBudgetTest, WhatIsWrittenIsReadAgain) {
  const std::string stored = EncodeBudget(codec_, key_, Period(), TwoLeases());
  ASSERT_OK_AND_ASSIGN(const BudgetRecord record, DecodeBudget(codec_, key_, stored));
  EXPECT_EQ(record, TwoLeases());
}

TEST_F(RecordBudgetTest, AnAbsentRecordIsAnUntouchedBudget) {
  ASSERT_OK_AND_ASSIGN(const BudgetRecord record, DecodeBudget(codec_, key_, ""));
  EXPECT_EQ(record, BudgetRecord{});
  EXPECT_EQ(record.Free(700), 700);
}

TEST_F(RecordBudgetTest, AChangedByteIsDataLoss) {
  std::string stored = EncodeBudget(codec_, key_, Period(), TwoLeases());
  stored.back() = static_cast<char>(stored.back() ^ 1);
  EXPECT_THAT(DecodeBudget(codec_, key_, stored), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
}

TEST_F(RecordBudgetTest, ALeaseThatSpentMoreThanItsAmountIsDataLoss) {
  BudgetRecord record = TwoLeases();
  record.leases[0].spent = record.leases[0].amount + 1;
  const std::string stored = EncodeBudget(codec_, key_, Period(), record);
  EXPECT_THAT(DecodeBudget(codec_, key_, stored), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
}

TEST_F(RecordBudgetTest, FreeIsTheCapLessWhatIsSpentAndSetAside) {
  const BudgetRecord record = TwoLeases();
  EXPECT_EQ(record.Free(1'000), 820);
  EXPECT_EQ(record.SpentAtLeast(), 150);
}

TEST_F(RecordBudgetTest, SettlingALeaseKeepsWhatItSpentOnce) {
  BudgetRecord record = TwoLeases();
  record.Settle("lease-1", 21);
  record.Settle("lease-1", 21);
  EXPECT_EQ(record.settled, 121);
  EXPECT_EQ(record.leases.size(), 1U);
}

TEST_F(RecordBudgetTest, EveryPartOfAPeriodMakesAnotherBudget) {
  std::set<std::string> names;
  names.insert(PeriodName(Period()));
  engine::BudgetPeriod other = Period();
  other.name = "service";
  names.insert(PeriodName(other));
  other = Period();
  other.starts += std::chrono::days{1};
  names.insert(PeriodName(other));
  other = Period();
  other.zone = "Europe/Zurich";
  names.insert(PeriodName(other));
  other = Period();
  other.cap = *Money::Parse("1000", *Currency::FromCode("CHF"));
  names.insert(PeriodName(other));
  EXPECT_EQ(names.size(), 5U);
  other = Period();
  other.cap = *Money::Parse("2000", *Currency::FromCode("EUR"));
  EXPECT_TRUE(names.contains(PeriodName(other))) << "a raised cap is the same budget";
}

}  // namespace
}  // namespace kulanz::app
