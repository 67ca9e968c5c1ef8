// RedisStore on a cluster: every partition at its node, wherever that goes.

#include <array>
#include <cstdlib>
#include <set>
#include <thread>

#include "service/adapters/redis/cluster_slots.h"
#include "tests/integration/redis_cluster_fixture.h"

namespace kulanz::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AnyOf;

constexpr std::array<std::uint16_t, 3> kFirstThree{0, 1, 2};
// One cluster for all of these; its slots stay where a test has left them.
class ThreeMasters : public RedisCluster {
 protected:
  static void SetUpTestSuite() {
    shared_ = std::make_shared<TempCluster>(TempCluster::Options{.masters = 3, .replicas = 0});
  }
  static void TearDownTestSuite() { shared_.reset(); }
  void SetUp() override { Open(shared_); }

 private:
  static inline std::shared_ptr<TempCluster> shared_;
};

TEST_F(ThreeMasters, EveryPartitionIsServedByItsNode) {
  FillPartitions("1");
  ExpectInPartitions("1");
  std::set<std::string> owners;
  for (std::uint16_t partition = 0; partition < kTestPartitions; ++partition) {
    TempClusterNode& owner = cluster_->OwnerOf(partition);
    owners.insert(owner.endpoint().ToString());
    std::string key;
    AppendKey(RecordKey("a", partition), key);
    EXPECT_EQ(owner.Run({"GET", key}).text.substr(kVersionBytes), "1");
  }
  EXPECT_EQ(owners.size(), 3U) << "the test's partitions lie on all nodes";
  // Side by side, over several nodes.
  auto both = SyncWait([](RedisStore& store) -> Task<bool> {
    std::vector<ports::Key> first{RecordKey("a", 0)};
    std::vector<ports::Key> second{RecordKey("a", 1)};
    auto reads = WhenAll(store.Read(std::move(first), In(seconds(10))),
                         store.Read(std::move(second), In(seconds(10))));
    auto [one, two] = co_await reads;
    co_return one.ok() && two.ok() && one->front().value == "1" && two->front().value == "1";
  }(*store_));
  EXPECT_TRUE(both);
  EXPECT_TRUE(store_->Now().has_value());
}

TEST_F(ThreeMasters, AStoreIsInitialisedOnceAndNeverOverwritten) {
  FillPartitions("1");
  EXPECT_THAT(Initialise({cluster_->address(), TestGenesis()}), IsOk()) << "nothing to do";
  EXPECT_THAT(Initialise({cluster_->address(), {"another", kTestPartitions}}),
              StatusIs(Code::kAlreadyExists, "STORE_EXISTS"));
  cluster_->OwnerOf(5).Run({"DEL", GenesisKey({5})});
  EXPECT_THAT(Initialise({cluster_->address(), TestGenesis()}),
              StatusIs(Code::kFailedPrecondition, "STORE_DAMAGED"));
  cluster_->OwnerOf(0).Run({"DEL", GenesisKey({0})});
  EXPECT_THAT(Initialise({cluster_->address(), TestGenesis()}),
              StatusIs(Code::kFailedPrecondition, "STORE_DAMAGED"))
      << "records with transactions behind them are not a beginning";
  EXPECT_THAT(PutIn(5, "a", "2"), StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  EXPECT_FALSE(store_->Health().ok());
}

TEST_F(ThreeMasters, AnInitialisationThatWasInterruptedIsCompleted) {
  store_.reset();
  for (const std::uint16_t partition : kFirstThree) {
    cluster_->OwnerOf(partition).Run({"DEL", GenesisKey({partition})});
  }
  const auto unopened =
      RedisStore::Open(ClusterOptions(), log_, telemetry_, In(milliseconds(10'000)));
  EXPECT_THAT(unopened, StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  EXPECT_THAT(Initialise({cluster_->address(), TestGenesis()}), IsOk());
  OpenStore(ClusterOptions());
  FillPartitions("1");
}

TEST_F(ThreeMasters, ServersThatStartTogetherMayAllInitialise) {
  store_.reset();
  for (int round = 0; round < 10; ++round) {
    for (const std::unique_ptr<TempClusterNode>& node : cluster_->nodes()) {
      node->Run({"FLUSHALL"});
    }
    for (const Status& status : InitialiseTogether({cluster_->address(), TestGenesis()})) {
      EXPECT_THAT(status, IsOk());
    }
  }
}

TEST_F(ThreeMasters, AClusterWithOtherKeysIsNotInitialised) {
  store_.reset();
  for (const std::unique_ptr<TempClusterNode>& node : cluster_->nodes()) {
    node->Run({"FLUSHALL"});
  }
  cluster_->OwnerOf(3).Run({"SET", "{003}x", "somebody else's"});
  EXPECT_THAT(Initialise({cluster_->address(), TestGenesis()}),
              StatusIs(Code::kFailedPrecondition, "STORE_NOT_EMPTY"));
}

TEST_F(ThreeMasters, AFlushOfTheScriptsOfOneNodeIsNotNoticed) {
  FillPartitions("1");
  for (const std::unique_ptr<TempClusterNode>& node : cluster_->nodes()) {
    node->Run({"SCRIPT", "FLUSH"});
    FillPartitions("2");
  }
  ExpectInPartitions("2");
}

TEST_F(ThreeMasters, APartitionThatHasMovedIsFollowedWithoutAnError) {
  FillPartitions("1");
  for (const std::uint16_t partition : kFirstThree) {
    cluster_->Move(partition, AnotherMaster(partition));
    EXPECT_THAT(PutIn(partition, "a", "2"), IsOk());
    EXPECT_EQ(*GetFrom(partition, "a"), "2");
  }
  EXPECT_THAT(store_->Health(), IsOk());
  EXPECT_EQ(telemetry_.rollbacks(), 0);
}

TEST_F(ThreeMasters, WhileAPartitionMovesItsRecordsAreFoundOnEitherSide) {
  constexpr std::uint16_t kMoving = 2;
  ASSERT_THAT(PutIn(kMoving, "a", "1"), IsOk());
  TempClusterNode& from = cluster_->OwnerOf(kMoving);
  TempClusterNode& to = AnotherMaster(kMoving);
  to.Run({"SCRIPT", "FLUSH"});  // the side that is asked has to be given the scripts as well
  cluster_->BeginMove(kMoving, from, to);
  EXPECT_THAT(PutIn(kMoving, "a", "2"), IsOk()) << "everything is still at the old owner";
  while (cluster_->MoveKeys(kMoving, from, to, 1) > 0) {
  }
  // ASK: everything is at the new owner, which does not have the slot yet.
  EXPECT_THAT(PutIn(kMoving, "a", "3"), IsOk());
  EXPECT_EQ(*GetFrom(kMoving, "a"), "3");
  EXPECT_EQ(&cluster_->OwnerOf(kMoving), &from);
  // TRYAGAIN: a record that is nowhere yet may be on either side; that is said after some tries.
  const Status refused = PutIn(kMoving, "b", "1");
  EXPECT_THAT(refused, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_THAT(refused.metadata().at("redisError"), AnyOf("TRYAGAIN", "ASK")) << "in turn";
  EXPECT_TRUE(refused.retry_after().has_value());
  // A call that is trying when the move ends gets through.
  std::atomic<bool> done{false};
  Status end = Status(Code::kInternal, "TEST", "not done");
  SpawnThen(store_->Commit(PutTransaction(RecordKey("b", kMoving), "2"), In(seconds(10))),
            [&](Result<ports::CommitOutcome> outcome) {
              end = outcome.status();
              done.store(true);
            });
  cluster_->EndMove(kMoving, to);
  ASSERT_TRUE(Eventually([&] { return done.load(); }));
  EXPECT_THAT(end, IsOk());
  EXPECT_EQ(*GetFrom(kMoving, "b"), "2");
}

TEST_F(ThreeMasters, ADeadlineEndsACallThatWaitsForAMove) {
  constexpr std::uint16_t kMoving = 2;
  ASSERT_THAT(PutIn(kMoving, "a", "1"), IsOk());
  TempClusterNode& from = cluster_->OwnerOf(kMoving);
  TempClusterNode& to = AnotherMaster(kMoving);
  cluster_->BeginMove(kMoving, from, to);
  // Tries begin after 2, 6, 14, 30, 62 and 126 ms: far from each.
  EXPECT_THAT(PutIn(kMoving, "b", "1", milliseconds(110)),
              StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  std::atomic<bool> done{false};
  SpawnThen(store_->Commit(PutTransaction(RecordKey("b", kMoving), "2"), In(seconds(10))),
            [&](Result<ports::CommitOutcome>) { done.store(true); });
  store_.reset();
  EXPECT_TRUE(done.load()) << "the destructor ends what waits";
  cluster_->AbortMove(kMoving, from, to);
}

TEST_F(ThreeMasters, TheClusterGrowsUnderLoadWithoutAnErrorThatRetriesDoNotHide) {
  constexpr int kWorkers = 4;
  std::atomic<bool> stop{false};
  std::array<int, kWorkers> written{};
  std::array<Status, kWorkers> ends;
  std::vector<std::thread> workers;
  for (int worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&, worker] {
      const std::string name = "worker " + std::to_string(worker);
      const auto index = static_cast<std::size_t>(worker);
      while (!stop.load() && ends.at(index).ok()) {
        const int value = written.at(index) + 1;
        for (std::uint16_t partition = 0; partition < kTestPartitions && ends.at(index).ok();
             ++partition) {
          ends.at(index) = PutWithRetries(partition, name, std::to_string(value));
        }
        written.at(index) = value;
      }
    });
  }
  // To six masters, or, where time counts, to four.
  const int additions = std::getenv("KULANZ_SLOW_TESTS") == nullptr ? 1 : 3;
  for (int addition = 0; addition < additions; ++addition) {
    TempClusterNode& added = cluster_->AddMaster();
    for (std::uint16_t partition = 0; partition < kTestPartitions; partition += 2) {
      TempClusterNode& from = cluster_->OwnerOf(partition);
      cluster_->BeginMove(partition, from, added);
      while (cluster_->MoveKeys(partition, from, added, 1) > 0) {
      }
      cluster_->EndMove(partition, added);
    }
  }
  ASSERT_TRUE(AllRecover());
  stop.store(true);
  for (std::thread& worker : workers) {
    worker.join();
  }
  for (int worker = 0; worker < kWorkers; ++worker) {
    const auto index = static_cast<std::size_t>(worker);
    ASSERT_THAT(ends.at(index), IsOk());
    EXPECT_GT(written.at(index), 0);
    for (std::uint16_t partition = 0; partition < kTestPartitions; ++partition) {
      EXPECT_EQ(*GetFrom(partition, "worker " + std::to_string(worker)),
                std::to_string(written.at(index)));
    }
  }
  EXPECT_EQ(telemetry_.rollbacks(), 0);
}

TEST_F(ThreeMasters, AMasterThatLeavesIsNotConnectedToAnyMore) {
  FillPartitions("1");
  TempClusterNode& home = cluster_->OwnerOf(0);
  TempClusterNode& guest = cluster_->AddMaster();
  const auto is_connected = [&] {
    return guest.Run({"CLIENT", "LIST"}).text.find("name=kulanz") != std::string::npos;
  };
  cluster_->Move(0, guest);
  EXPECT_THAT(PutIn(0, "a", "2"), IsOk());
  EXPECT_TRUE(is_connected());
  cluster_->Move(0, home);
  EXPECT_THAT(PutIn(0, "a", "3"), IsOk());
  EXPECT_TRUE(Eventually([&] { return !is_connected(); }));
  guest.Freeze();
  EXPECT_EQ(*GetFrom(0, "a"), "3");
  EXPECT_THAT(store_->Health(), IsOk());
  guest.Thaw();
  // The next one gets the connections that were free.
  cluster_->Move(0, AnotherMaster(0));
  EXPECT_THAT(PutIn(0, "a", "4"), IsOk());
}

}  // namespace
}  // namespace kulanz::redis
