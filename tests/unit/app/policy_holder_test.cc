#include "service/app/policy_holder.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::app {
namespace {

std::shared_ptr<const policy::PolicySet> ASet() {
  return policy::LoadPolicySet(test::SourcePath("rules")).policies;
}

TEST(PolicyHolderTest, HandsOutTheLastSet) {
  PolicyHolder holder;
  EXPECT_EQ(holder.Current(), nullptr);
  const auto first = ASet();
  ASSERT_NE(first, nullptr);
  holder.Replace(first);
  EXPECT_EQ(holder.Current(), first);
  const auto second = ASet();
  holder.Replace(second);
  EXPECT_EQ(holder.Current(), second);
}

TEST(PolicyHolderTest, ARequestNeverFreesAReplacedSet) {
  PolicyHolder holder;
  holder.Replace(ASet());
  auto of_request = holder.Current();
  const std::weak_ptr<const policy::PolicySet> first = of_request;
  holder.Replace(ASet());
  holder.Replace(ASet());
  EXPECT_FALSE(first.expired());
  of_request.reset();  // the request ends
  EXPECT_FALSE(first.expired());
  holder.Replace(ASet());
  EXPECT_TRUE(first.expired());
}

TEST(PolicyHolderTest, KeepsOnlyTheLastReplacedSetThatNobodyUses) {
  PolicyHolder holder;
  std::weak_ptr<const policy::PolicySet> before;
  for (int i = 0; i < 5; ++i) {
    const std::weak_ptr<const policy::PolicySet> replaced = holder.Current();
    holder.Replace(ASet());
    EXPECT_TRUE(before.expired());
    EXPECT_EQ(replaced.expired(), i == 0);
    before = replaced;
  }
}

}  // namespace
}  // namespace kulanz::app
