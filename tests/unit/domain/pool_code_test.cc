#include "service/domain/pool_code.h"

#include <gtest/gtest.h>

#include <string>

#include "service/domain/issued_code.h"

namespace kulanz {
namespace {

TEST(PoolCodeTest, HasLimitsAndPrintsMasked) {
  EXPECT_TRUE(PoolCode::Parse(std::string(PoolCode::kBytesMin, 'x')));
  EXPECT_FALSE(PoolCode::Parse(std::string(PoolCode::kBytesMin - 1, 'x')));
  EXPECT_TRUE(PoolCode::Parse(std::string(PoolCode::kBytesMax, 'x')));
  EXPECT_FALSE(PoolCode::Parse(std::string(PoolCode::kBytesMax + 1, 'x')));
  for (const char* text :
       {"WITH SPACE", "TAB\tTAB", "caf\xc3\xa9-1", "NUL\x01NUL", "\x7f\x7f\x7f\x7f"}) {
    EXPECT_FALSE(PoolCode::Parse(text)) << text;
  }
  EXPECT_EQ(::testing::PrintToString(IssuedCode(*PoolCode::Parse("SPRING-1"))), "****");
}

}  // namespace
}  // namespace kulanz
