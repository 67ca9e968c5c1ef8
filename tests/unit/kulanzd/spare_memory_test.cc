// What a flood has left in the heap goes back to the system.
#include "service/kulanzd/spare_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <vector>

namespace kulanz::server {
namespace {

using std::chrono::seconds;

const std::chrono::steady_clock::time_point kStart(std::chrono::hours(1));

std::size_t ResidentBytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

bool HasAllocatorOfItsOwn() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

// Twice as much as is left alone, in pieces as calls are made of, and one behind them that stays: without being told
// to, the allocator gives nothing of it back.
class SpareMemoryTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kPiece = 20'000;
  static constexpr std::size_t kFlood = 2 * SpareMemory::kFreeBytesMax;

  void SetUp() override {
    if (HasAllocatorOfItsOwn()) {
      GTEST_SKIP() << "a sanitizer's allocator is another";
    }
    before_ = ResidentBytes();
    Flood();
  }
  void Flood() {
    std::vector<std::unique_ptr<std::vector<char>>> calls;
    for (std::size_t made = 0; made < kFlood; made += kPiece) {
      calls.push_back(std::make_unique<std::vector<char>>(kPiece, 'x'));
    }
    stay_.push_back(std::make_unique<std::vector<char>>(kPiece, 'y'));
  }

  std::size_t before_ = 0;
  std::vector<std::unique_ptr<std::vector<char>>> stay_;
};

TEST_F(SpareMemoryTest, IsGivenBackWhenItIsMuch) {
  ASSERT_GT(ResidentBytes(), before_ + kFlood / 2) << "the allocator keeps it";
  SpareMemory memory;
  memory.Tick(kStart);
  EXPECT_LT(ResidentBytes(), before_ + SpareMemory::kFreeBytesMax / 2);
}

TEST_F(SpareMemoryTest, IsLookedForOnlyNowAndThen) {
  SpareMemory memory;
  memory.Tick(kStart);
  const std::size_t low = ResidentBytes();
  Flood();
  memory.Tick(kStart + SpareMemory::kPause - seconds(1));
  EXPECT_GT(ResidentBytes(), low + kFlood / 2);
  memory.Tick(kStart + SpareMemory::kPause);
  EXPECT_LT(ResidentBytes(), low + SpareMemory::kFreeBytesMax / 2);
}

}  // namespace
}  // namespace kulanz::server
