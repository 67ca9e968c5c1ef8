#include "service/base/status.h"

#include <gtest/gtest.h>

#include "service/base/result.h"

namespace kulanz {
namespace {

TEST(StatusTest, DefaultIsOk) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), Code::kOk);
  EXPECT_EQ(status.ToString(), "OK");
}

TEST(StatusTest, CarriesCodeReasonMessageAndDetails) {
  const Status status = Status(Code::kUnavailable, "STORE_UNREACHABLE", "Redis does not answer")
                            .WithRetryAfter(std::chrono::milliseconds(250))
                            .WithMetadata("host", "a");
  EXPECT_EQ(status.ToString(), "UNAVAILABLE/STORE_UNREACHABLE: Redis does not answer");
  EXPECT_EQ(status.retry_after(), std::chrono::milliseconds(250));
  EXPECT_EQ(status.metadata().at("host"), "a");
}

TEST(StatusTest, AddingADetailLeavesTheOriginalAlone) {
  const Status plain(Code::kNotFound, "NOT_HERE", "no");
  const Status detailed = plain.WithMetadata("id", "7");
  EXPECT_TRUE(plain.metadata().empty());
  EXPECT_EQ(detailed.metadata().size(), 1U);
}

TEST(StatusTest, InvalidNamesTheFirstViolationAndCountsTheRest) {
  const Status status = Status::Invalid({{"a", "is empty"}, {"b", "is long"}, {"c", "is odd"}});
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.message(), "a: is empty (and 2 more)");
  EXPECT_EQ(status.violations().size(), 3U);
}

TEST(StatusDeathTest, AFailureNeedsACode) {
  EXPECT_DEATH(Status(Code::kOk, "X", "y"), "a failure needs a code");
}

Result<int> Half(int number) {
  if (number % 2 != 0) {
    return Status(Code::kInvalidArgument, "ODD", "odd");
  }
  return number / 2;
}

Result<int> Quarter(int number) {
  KULANZ_ASSIGN_OR_RETURN(const int half, Half(number));
  return Half(half);
}

TEST(ResultTest, AssignOrReturnPassesTheFailureOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().reason(), "ODD");
  EXPECT_EQ(Quarter(3).status().reason(), "ODD");
}

TEST(ResultDeathTest, ValueOfAFailureAborts) {
  const Result<int> failed = Half(1);
  EXPECT_DEATH(static_cast<void>(failed.value()), "failed Result");
}

}  // namespace
}  // namespace kulanz
