// RedisStore when Redis fails, stalls, forgets or refuses. Each fault is also followed until the store
// works again without being told to.

#include <filesystem>

#include "tests/integration/redis_fixture.h"

namespace kulanz::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AnyOf;
using ::testing::Contains;

class RedisFaults : public RedisStoreTest {
 protected:
  explicit RedisFaults(std::vector<std::string> arguments = {})
      : RedisStoreTest(std::move(arguments)) {}
  void SetUp() override { InitialiseAndOpen(Options()); }
  const decltype(StatusIs(Code::kUnavailable, "")) unreachable_ =
      StatusIs(Code::kUnavailable, "STORE_UNREACHABLE");
  const decltype(StatusIs(Code::kUnavailable, "")) uncertain_ =
      StatusIs(Code::kUnavailable, "STORE_UNCERTAIN");
};

TEST_F(RedisFaults, AFlushOfTheScriptsIsNotNoticed) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Run({"SCRIPT", "FLUSH"});
  ASSERT_THAT(Put("a", "2"), IsOk());
  server_.Run({"SCRIPT", "FLUSH"});
  EXPECT_THAT(
      SyncWait(store_->SummarizeIndex({{1}, ports::RecordKind::kAgenda, {}}, In(seconds(10)))),
      IsOk());
  EXPECT_EQ(*Get("a"), "2");
}

TEST_F(RedisFaults, ManyCallsInFlightSurviveAFlushOfTheScripts) {
  constexpr int kCalls = 500;
  std::atomic<int> done{0};
  std::atomic<int> failed{0};
  for (int call = 0; call < kCalls; ++call) {
    if (call % 100 == 50) {
      server_.Run({"SCRIPT", "FLUSH"});
    }
    SpawnThen(store_->Commit(PutTransaction(RecordKey(std::to_string(call)), "x"), In(seconds(20))),
              [&](Result<ports::CommitOutcome> outcome) {
                failed.fetch_add(outcome.ok() ? 0 : 1);
                done.fetch_add(1);
              });
  }
  ASSERT_TRUE(Eventually([&] { return done.load() == kCalls; }));
  EXPECT_EQ(failed.load(), 0);
}

TEST_F(RedisFaults, AKilledServerIsReportedAtOnceAndFoundAgain) {
  // With fsync every second a kill may cost acknowledged writes, even though it rarely does.
  server_.Run({"CONFIG", "SET", "appendfsync", "always"});
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Kill();
  ASSERT_TRUE(Eventually([&] { return !store_->Health().ok(); }));
  const auto start = std::chrono::steady_clock::now();
  const Status failure = Put("a", "2");
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2)) << "it must fail fast";
  EXPECT_THAT(failure, unreachable_);
  EXPECT_TRUE(failure.retry_after().has_value());
  EXPECT_THAT(store_->Health(), unreachable_);
  server_.Start();
  EXPECT_TRUE(Recovers());
  EXPECT_THAT(*Get("a"), "1");
}

TEST_F(RedisFaults, CallsInFlightEndAsUncertainWhenTheServerDies) {
  // On a busy machine the server may be dead before the first call is on its way: then once more.
  Status first;
  for (int attempt = 0; attempt < 10 && first.reason() != "STORE_UNCERTAIN"; ++attempt) {
    server_.Freeze();
    std::atomic<int> done{0};
    std::vector<Status> ends(20);
    for (Status& end : ends) {
      SpawnThen(store_->Commit(PutTransaction(RecordKey("a"), "x"), In(seconds(20))),
                [&](Result<ports::CommitOutcome> outcome) {
                  end = outcome.status();
                  done.fetch_add(1);
                });
    }
    server_.Kill();
    ASSERT_TRUE(Eventually([&] { return done.load() == 20; }));
    for (const Status& end : ends) {
      EXPECT_THAT(end, AnyOf(uncertain_, unreachable_));
    }
    first = ends.front();
    server_.Start();
    ASSERT_TRUE(Recovers());
  }
  EXPECT_THAT(first, uncertain_);
}

TEST_F(RedisFaults, AKilledClientConnectionIsReplaced) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Run({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(Recovers());
  EXPECT_EQ(*Get("a"), "1");
}

TEST_F(RedisFaults, APausedServerLetsCallersGoAtTheirDeadlinesAndMixesUpNoAnswers) {
  RedisOptions patient = Options();
  patient.reply_timeout = Duration(20'000);  // the connection outlives the pause
  store_.reset();
  OpenStore(patient);
  ASSERT_THAT(Put("a", "value of a"), IsOk());
  ASSERT_THAT(Put("b", "value of b"), IsOk());
  server_.Run({"CLIENT", "PAUSE", "3000", "ALL"});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(Get("a", milliseconds(200)).status(), uncertain_);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(2'500));
  // The answer to the abandoned read of "a" is still to come; this read waits behind it.
  EXPECT_EQ(*Get("b"), "value of b");
  EXPECT_EQ(*Get("a"), "value of a");
  EXPECT_THAT(store_->Health(), IsOk()) << "one impatient caller must not cost the connection";
}

TEST_F(RedisFaults, AnAbandonedCommitMayStillBeApplied) {
  server_.Run({"CLIENT", "PAUSE", "1000", "ALL"});
  EXPECT_THAT(Put("a", "late", milliseconds(200)), uncertain_);
  EXPECT_EQ(*Get("a"), "late");
}

TEST_F(RedisFaults, ADeadlineInThePastSendsNothing) {
  EXPECT_THAT(Put("a", "1", milliseconds(-1)), unreachable_);
  EXPECT_EQ(*Get("a"), "");
}

TEST_F(RedisFaults, AnEmptiedDatabaseIsRefusedAndStaysEmpty) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Run({"FLUSHALL"});
  const auto no_genesis = StatusIs(Code::kFailedPrecondition, "NO_GENESIS");
  EXPECT_THAT(Put("a", "2"), no_genesis);
  EXPECT_THAT(Get("a").status(), no_genesis);
  EXPECT_THAT(store_->Health(), no_genesis);
  EXPECT_EQ(server_.Run({"DBSIZE"}).integer, 0);
}

TEST_F(RedisFaults, AServerThatRestartsEmptyIsRefused) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Kill();
  std::filesystem::remove_all(server_.directory() + "/appendonlydir");
  server_.Start();
  ASSERT_TRUE(Eventually([&] { return store_->Health().reason() == "NO_GENESIS"; }));
  EXPECT_THAT(Put("a", "2"), StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  EXPECT_EQ(server_.Run({"DBSIZE"}).integer, 0);
}

TEST_F(RedisFaults, AReplicaIsRefusedUntilItIsAMasterAgain) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Run({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_THAT(Put("a", "2"), StatusIs(Code::kUnavailable, "STORE_READ_ONLY"));
  EXPECT_TRUE(Eventually([&] { return store_->Health().reason() == "STORE_READ_ONLY"; }));
  EXPECT_THAT(Put("a", "3"), StatusIs(Code::kUnavailable, "STORE_READ_ONLY"));
  server_.Run({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(Recovers());
  EXPECT_EQ(*Get("a"), "1");
}

TEST_F(RedisFaults, WithoutMemoryWritesAreRefusedWholeAndReadsGoOn) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Run({"CONFIG", "SET", "maxmemory", "1"});
  const Status refused = Put("a", "2");
  EXPECT_THAT(refused, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_EQ(refused.metadata().at("redisError"), "OOM");
  // A delete alone would be let through, but not the sequence number before it.
  ports::Transaction erase;
  erase.partition = {1};
  erase.writes.emplace_back(ports::Delete{RecordKey("a")});
  EXPECT_THAT(SyncWait(store_->Commit(erase, In(seconds(10)))),
              StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_EQ(*Get("a"), "1");
  server_.Run({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(Recovers());
}

TEST_F(RedisFaults, WithTooFewReplicasWritesAreRefusedWhole) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  server_.Run({"CONFIG", "SET", "min-replicas-to-write", "1"});
  EXPECT_THAT(Put("a", "2"), StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_EQ(*Get("a"), "1");
  server_.Run({"CONFIG", "SET", "min-replicas-to-write", "0"});
  EXPECT_TRUE(Recovers());
}

TEST_F(RedisFaults, EveryCallIsMeasuredWithItsResult) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  ASSERT_THAT(Get("a"), IsOk());
  ports::Transaction conflict = PutTransaction(RecordKey("a"), "2");
  conflict.checks.emplace_back(ports::CheckVersion{RecordKey("a"), 0});
  ASSERT_THAT(SyncWait(store_->Commit(conflict, In(seconds(10)))), IsOk());
  server_.Kill();
  ASSERT_TRUE(Eventually([&] { return !store_->Health().ok(); }));
  EXPECT_THAT(Get("a").status(), unreachable_);
  const std::vector<std::string> calls = telemetry_.calls();
  EXPECT_THAT(
      calls, ::testing::ElementsAre("commit/ok", "read/ok", "commit/conflict", "read/unavailable"));
}

class StalledRedis : public RedisFaults {
 protected:
  void SetUp() override {
    RedisOptions options = Options();
    options.reply_timeout = Duration(1000);
    options.calls_max = 4;
    InitialiseAndOpen(options);
  }
};

TEST_F(StalledRedis, AConnectionThatNeverAnswersIsGivenUp) {
  server_.Freeze();
  EXPECT_THAT(Put("a", "1", seconds(20)), uncertain_) << "by reply_timeout, not by the deadline";
  EXPECT_TRUE(Eventually([&] { return !store_->Health().ok(); }));
  EXPECT_THAT(Get("a").status(), unreachable_);
  server_.Thaw();
  EXPECT_TRUE(Recovers());
}

TEST_F(StalledRedis, TooManyCallsAreShedWithoutEffect) {
  server_.Freeze();
  std::atomic<int> done{0};
  for (int call = 0; call < 4; ++call) {
    SpawnThen(store_->Read({RecordKey("a")}, In(seconds(20))),
              [&](Result<std::vector<ports::Record>>) { done.fetch_add(1); });
  }
  const Status shed = Put("a", "5");
  EXPECT_THAT(shed, StatusIs(Code::kResourceExhausted, "STORE_OVERLOADED"));
  EXPECT_TRUE(shed.retry_after().has_value());
  server_.Thaw();
  ASSERT_TRUE(Eventually([&] { return done.load() == 4; }));
  EXPECT_TRUE(Recovers());
}

TEST_F(StalledRedis, AStoreCanBeDestroyedWhileCallsAreUnderWay) {
  server_.Freeze();
  Status end;
  std::atomic<bool> done{false};
  SpawnThen(store_->Read({RecordKey("a")}, In(seconds(20))),
            [&](Result<std::vector<ports::Record>> records) {
              end = records.status();
              done.store(true);
            });
  store_.reset();
  EXPECT_TRUE(done.load()) << "the destructor ends what is under way";
  EXPECT_THAT(end, AnyOf(uncertain_, unreachable_)) << "unreachable when it was not sent yet";
  server_.Thaw();
}

class LostWrites : public RedisStoreTest {
 protected:
  RedisOptions HaltingOptions() const {
    RedisOptions options = Options();
    options.on_lost_writes = OnLostWrites::kHalt;
    return options;
  }
  // The database as it was after the first put comes back.
  void RollBack() {
    ASSERT_THAT(Put("a", "1"), IsOk());
    const std::string before = server_.Run({"GET", GenesisKey({1})}).text;
    ASSERT_THAT(Put("a", "2"), IsOk());
    ASSERT_THAT(Put("a", "3"), IsOk());
    server_.Run({"SET", GenesisKey({1}), before});
    server_.Run({"CLIENT", "KILL", "TYPE", "normal"});
  }
};

TEST_F(LostWrites, RaiseTheAlarmAndHaltTheStoreWhereSoConfigured) {
  InitialiseAndOpen(HaltingOptions());
  RollBack();
  ASSERT_TRUE(Eventually([&] { return telemetry_.rollbacks() == 1; }));
  const auto halted = StatusIs(Code::kFailedPrecondition, "STORE_LOST_WRITES");
  EXPECT_TRUE(log_.Has("store_lost_writes"));
  EXPECT_TRUE(log_.Has("acknowledged_sequence=3 found_sequence=1"));
  EXPECT_THAT(store_->Health(), halted);
  EXPECT_THAT(Put("a", "4"), halted);
  EXPECT_THAT(Get("a").status(), halted);
  store_->ResumeAfterLostWrites();
  EXPECT_TRUE(Recovers());
  EXPECT_EQ(telemetry_.rollbacks(), 1) << "one loss is one alarm";
}

TEST_F(LostWrites, RaiseTheAlarmOnlyOtherwise) {
  InitialiseAndOpen(Options());
  RollBack();
  ASSERT_TRUE(Eventually([&] { return telemetry_.rollbacks() == 1; }));
  EXPECT_TRUE(Recovers());
}

TEST_F(LostWrites, AreNoticedWithoutAReconnectToo) {
  InitialiseAndOpen(HaltingOptions());
  ASSERT_THAT(Put("a", "1"), IsOk());
  const std::string before = server_.Run({"GET", GenesisKey({1})}).text;
  ASSERT_THAT(Put("a", "2"), IsOk());
  server_.Run({"SET", GenesisKey({1}), before});
  ASSERT_THAT(Get("a"), IsOk()) << "what was read is true; what comes next is halted";
  EXPECT_EQ(telemetry_.rollbacks(), 1);
  EXPECT_THAT(store_->Health(), StatusIs(Code::kFailedPrecondition, "STORE_LOST_WRITES"));
}

TEST_F(RedisFaults, RecordsThatNobodyOfUsWroteAreDataLoss) {
  std::string key;
  AppendKey(RecordKey("a"), key);
  server_.Run({"SET", key, "short"});
  EXPECT_THAT(Get("a").status(), StatusIs(Code::kDataLoss, "STORE_CORRUPT"));
  ports::Key counter{{1}, ports::RecordKind::kDailyCounter, {}};
  key.clear();
  AppendKey(counter, key);
  server_.Run({"SET", key, "many"});
  EXPECT_THAT(SyncWait(store_->ReadCounter(counter, In(seconds(10)))),
              StatusIs(Code::kDataLoss, "STORE_CORRUPT"));
  ports::Transaction add = PutTransaction(RecordKey("b"), "1");
  add.writes.emplace_back(ports::AddToCounter{counter, 1, {}});
  EXPECT_THAT(SyncWait(store_->Commit(add, In(seconds(10)))),
              StatusIs(Code::kDataLoss, "STORE_CORRUPT"));
  EXPECT_EQ(*Get("b"), "") << "nothing of it may be applied";
}

}  // namespace
}  // namespace kulanz::redis
