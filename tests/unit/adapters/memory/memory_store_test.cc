// What MemoryStore promises beyond the contract of the port (tests/contract).
#include "service/adapters/memory/memory_store.h"

#include "tests/support/status_matchers.h"

namespace kulanz::memory {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr Instant kStart = InstantFromMillis(1'772'366'400'000);

TEST(MemoryStoreTest, ItsTimeStandsStillWhileTheClockIsBehind) {
  Instant clock = kStart;
  const MemoryStore store({.partition_count = 1, .clock = [&] { return clock; }});
  EXPECT_EQ(store.Now(), kStart);
  clock = kStart - Duration(3'600'000);
  EXPECT_EQ(store.Now(), kStart);
  clock = kStart + Duration(1);
  EXPECT_EQ(store.Now(), kStart + Duration(1));
}

TEST(MemoryStoreTest, AClockThatStepsBackDoesNotReviveWhatExpired) {
  Instant clock = kStart;
  MemoryStore store({.partition_count = 1, .clock = [&] { return clock; }});
  const ports::Key key{{0}, ports::RecordKind::kDecision, {}};
  ports::Transaction put;
  put.writes.emplace_back(ports::Put{key, "x", Duration(1000)});
  ASSERT_THAT(SyncWait(store.Commit(put, {})), IsOk());
  clock = kStart + Duration(1000);
  ASSERT_OK_AND_ASSIGN(const auto gone, SyncWait(store.Read({key}, {})));
  EXPECT_FALSE(gone.front().exists());
  clock = kStart;
  ASSERT_OK_AND_ASSIGN(const auto still_gone, SyncWait(store.Read({key}, {})));
  EXPECT_FALSE(still_gone.front().exists());
}

TEST(MemoryStoreTest, AbsentAndForeignGenesisShowInHealthUntilRestored) {
  MemoryStore store({.partition_count = 2, .clock = [] { return kStart; }});
  EXPECT_THAT(store.Health(), IsOk());
  store.LoseGenesis({1});
  EXPECT_THAT(store.Health(), StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  store.RestoreGenesis({1});
  EXPECT_THAT(store.Health(), IsOk());
  store.ReplaceGenesis({0}, "other");
  EXPECT_THAT(store.Health(), StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
}

}  // namespace
}  // namespace kulanz::memory
