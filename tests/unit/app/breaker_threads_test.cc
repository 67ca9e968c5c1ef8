// Breakers with threads: what is counted, stopped and given while everybody is at it at once.

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/app/decide_held.h"
#include "tests/unit/app/breaker_fixture.h"

namespace kulanz::app {
namespace {

constexpr int kIncidents = 64;
constexpr int kLimit = 10;
constexpr int kThreads = 8;

void InThreads(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&work, thread] { work(thread); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

class BreakerThreadsTest : public BreakerFixture {
 protected:
  // Of lost parcels, whose policy has no budget: the budget of the fixture is for one thread.
  std::vector<Incident> Lost() {
    UseBreakers("{type: lost_parcel, gestures: 10, within: 10m}");
    std::vector<Incident> incidents;
    for (int i = 0; i < kIncidents; ++i) {
      Incident incident = Late("i" + std::to_string(i));
      incident.type = "lost_parcel";
      incident.attributes.clear();
      incidents.push_back(std::move(incident));
    }
    return incidents;
  }
};

TEST_F(BreakerThreadsTest, AServerByItselfGivesTheLimitExactly) {
  const std::vector<Incident> incidents = Lost();
  std::atomic<int> next{0};
  std::mutex turns;  // a server takes one turn at a time
  InThreads([&](int) {
    for (int i = next++; i < kIncidents; i = next++) {
      EXPECT_THAT(ReportTo(*one_, incidents[static_cast<std::size_t>(i)]).status(),
                  kulanz::testing::IsOk());
      const std::lock_guard lock(turns);
      Turn(*one_);
    }
  });
  EXPECT_EQ(Granted(incidents), kLimit);
  EXPECT_EQ(Held("type/lost_parcel"), static_cast<std::uint64_t>(kIncidents - kLimit));
  EXPECT_EQ(breaker_log_.Count("breaker_tripped"), 1);
}

TEST_F(BreakerThreadsTest, RivalsAtEachCaseDecideItOnce) {
  const std::vector<Incident> incidents = Lost();
  for (const Incident& incident : incidents) {
    ASSERT_TRUE(ReportTo(*one_, incident).ok());
  }
  std::vector<std::pair<ports::Key, ports::IndexEntry>> held;
  for (std::uint16_t partition = 0; partition < keys_.partition_count(); ++partition) {
    ports::IndexRange range;
    range.index = keys_.Held({partition}, "type/lost_parcel");
    range.score_max = ports::kStoredIntegerMax;
    const auto entries = SyncWait(memory_.ReadIndex(range, Soon()));
    for (const ports::IndexEntry& entry : *entries) {
      held.emplace_back(range.index, entry);
    }
  }
  ASSERT_EQ(held.size(), static_cast<std::size_t>(kIncidents - kLimit));
  std::atomic<int> decided{0};
  InThreads([&](int thread) {
    const Server& server = thread % 2 == 0 ? *one_ : *two_;
    for (const auto& [list, entry] : held) {
      const HeldEnd end = SyncWait(DecideHeld(server.dependencies, list, entry, false, Soon()));
      decided += end == HeldEnd::kDecided ? 1 : 0;
    }
  });
  EXPECT_EQ(decided, kIncidents - kLimit);
  EXPECT_EQ(Granted(incidents), kIncidents);
  EXPECT_EQ(Held("type/lost_parcel"), 0U);
}

}  // namespace
}  // namespace kulanz::app
