// Matchers for Status and Result, with messages that show the whole status.
//
//   EXPECT_THAT(status, IsOk());
//   EXPECT_THAT(result, StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
//   ASSERT_OK_AND_ASSIGN(const Record record, ReadOne(key));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "service/base/result.h"
#include "service/base/status.h"

namespace kulanz {

// How GoogleTest prints a failed expectation.
inline void PrintTo(const Status& status, std::ostream* out) { *out << status.ToString(); }
template <typename T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  *out << result.status().ToString();
}

namespace testing {

inline const Status& StatusOf(const Status& status) { return status; }
template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is a failure" : "is OK") { return StatusOf(arg).ok(); }

MATCHER_P2(StatusIs, code, reason,
           (negation ? "is not " : "is ") + std::string(CodeName(code)) + "/" +
               std::string(reason)) {
  return StatusOf(arg).code() == code && StatusOf(arg).reason() == reason;
}

}  // namespace testing
}  // namespace kulanz

// NOLINTBEGIN(cppcoreguidelines-macro-usage): they return from the test.
#define ASSERT_OK_AND_ASSIGN(decl, expr) \
  ASSERT_OK_AND_ASSIGN_IMPL(KULANZ_CONCAT(kulanz_result_, __LINE__), decl, expr)
#define ASSERT_OK_AND_ASSIGN_IMPL(result, decl, expr)     \
  auto result = (expr);                                   \
  ASSERT_TRUE(result.ok()) << result.status().ToString(); \
  decl = std::move(result).value()
// NOLINTEND(cppcoreguidelines-macro-usage)
