// What each level of durability loses, and that a loss is noticed. The table in service/ARCHITECTURE.md
// names these tests.
#include <filesystem>

#include "tests/fault/faulty_disk.h"
#include "tests/integration/redis_fixture.h"
#include "tests/support/redis/temp_sentinels.h"

namespace kulanz::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AnyOf;
using testing::TempReplica;
using testing::TempSentinels;

// Before the server, which inherits it.
class WithFaultyDisk {
 protected:
  const testing::FaultyDisk disk_;
};

class OneRedis : protected WithFaultyDisk, public RedisStoreTest {
 protected:
  explicit OneRedis(const std::string& append_fsync)
      : RedisStoreTest({"--appendfsync", append_fsync}) {
    testing::FaultyDisk::StopInheriting();
  }
  void SetUp() override { InitialiseAndOpen(Options()); }
  void PutMany(int count) {
    for (int number = 0; number < count; ++number) {
      ASSERT_THAT(Put("n" + std::to_string(number), "acknowledged"), IsOk());
    }
  }
  void ExpectMany(int count) {
    for (int number = 0; number < count; ++number) {
      EXPECT_EQ(*Get("n" + std::to_string(number)), "acknowledged") << number;
    }
  }
  std::string Info(std::string_view name) const {
    const std::string info = server_.Run({"INFO", "persistence"}).text;
    const std::size_t at = info.find(std::string(name) + ":") + name.size() + 1;
    return info.substr(at, info.find('\r', at) - at);
  }
  // An fsync under way keeps what comes next in Redis' memory: until all of it is in the file.
  void AwaitWritten() {
    ASSERT_TRUE(Eventually(
        [&] { return Info("aof_pending_bio_fsync") == "0" && Info("aof_buffer_length") == "0"; }));
  }
};

class EverySecond : public OneRedis {
 protected:
  EverySecond() : OneRedis("everysec") {}
};

TEST_F(EverySecond, KillLosesNothingWhileTheDiskKeepsUp) {
  PutMany(100);
  AwaitWritten();
  server_.Kill();
  server_.Start();
  ASSERT_TRUE(Recovers());
  ExpectMany(100);
  EXPECT_EQ(telemetry_.rollbacks(), 0);
}

TEST_F(EverySecond, KillLosesWhatASlowDiskKeptWaitingAndTheLossIsNoticed) {
  ASSERT_THAT(Put("a", "before"), IsOk());
  AwaitWritten();
  disk_.Hold();
  // Redis' own fsync hangs, and what comes is kept in its memory for up to two seconds.
  ASSERT_TRUE(Eventually([&] {
    EXPECT_THAT(Put("filler", "x"), IsOk());
    return Info("aof_pending_bio_fsync") == "1";
  }));
  ASSERT_TRUE(Eventually([&] {
    EXPECT_THAT(Put("a", "acknowledged"), IsOk());
    return Info("aof_buffer_length") != "0";
  }));
  server_.Kill();
  disk_.Release();
  server_.Start();
  ASSERT_TRUE(Recovers());
  EXPECT_EQ(*Get("a"), "before");
  EXPECT_EQ(telemetry_.rollbacks(), 1);
  EXPECT_TRUE(log_.Has("store_lost_writes"));
}

TEST_F(EverySecond, AFileCutInItsLastRecordLosesThatTransactionAsAWholeAndTheLossIsNoticed) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  ports::Transaction pair = PutTransaction(RecordKey("b"), "2");
  pair.writes.emplace_back(ports::Put{RecordKey("c"), "2", {}});
  ASSERT_THAT(SyncWait(store_->Commit(pair, In(seconds(10)))), IsOk());
  AwaitWritten();
  server_.Kill();
  std::filesystem::path newest;
  for (const auto& file :
       std::filesystem::directory_iterator(server_.directory() + "/appendonlydir")) {
    newest = file.path().string().ends_with(".incr.aof") ? file.path() : newest;
  }
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) - 3);
  server_.Start();
  ASSERT_TRUE(Recovers());
  EXPECT_EQ(*Get("a"), "1");
  EXPECT_EQ(*Get("b"), "");
  EXPECT_EQ(*Get("c"), "");
  EXPECT_EQ(telemetry_.rollbacks(), 1);
}

class Always : public OneRedis {
 protected:
  Always() : OneRedis("always") {}
};

TEST_F(Always, KillLosesNothing) {
  PutMany(100);
  server_.Kill();
  server_.Start();
  ASSERT_TRUE(Recovers());
  ExpectMany(100);
  EXPECT_EQ(telemetry_.rollbacks(), 0);
}

TEST_F(Always, NothingIsAcknowledgedThatTheDiskDoesNotHave) {
  ASSERT_THAT(Put("a", "before"), IsOk());
  disk_.Hold();
  EXPECT_THAT(Put("a", "after", milliseconds(300)),
              StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  server_.Kill();
  disk_.Release();
  server_.Start();
  ASSERT_TRUE(Recovers());
  EXPECT_THAT(*Get("a"), AnyOf("before", "after"));
  EXPECT_EQ(telemetry_.rollbacks(), 0);
}

// A master and a replica, with a failover that the master's last write has not reached.
class Failover : public RedisStoreFixture {
 protected:
  ~Failover() override { store_.reset(); }
  void Open(std::uint32_t replicas_to_wait,
            OnReplicaShortfall shortfall = OnReplicaShortfall::kUncertain) {
    ASSERT_THAT(Initialise({servers_.address(), TestGenesis()}), IsOk());
    RedisOptions options = QuickOptions();
    options.address = servers_.address();
    options.topology_interval = Duration(100);
    options.replicas_to_wait = replicas_to_wait;
    options.wait_timeout = Duration(200);
    options.on_replica_shortfall = shortfall;
    OpenStore(options);
    // On a busy machine the replica may need longer than the timeout to confirm.
    ASSERT_TRUE(Eventually([&] { return Put("a", "before").ok(); }));
    // Without WAIT, too, the test begins with a replica that is in step.
    ASSERT_TRUE(Eventually([&] { return ReplicaHas("a", "before"); }));
  }
  bool ReplicaHas(std::string_view name, std::string_view value) {
    std::string key;
    AppendKey(RecordKey(name), key);
    const std::string found = servers_.servers()[1]->Run({"GET", key}).text;
    return found.size() > kVersionBytes && found.substr(kVersionBytes) == value;
  }
  // Puts on the master alone; what it answered.
  Status PutUnreplicated(std::string value) {
    TempReplica& replica = *servers_.servers()[1];
    replica.Freeze();
    servers_.master().Run({"CLIENT", "KILL", "TYPE", "replica"});
    const Status status = Put("a", std::move(value));
    return status;
  }
  void FailOver() {
    servers_.servers()[0]->Kill();
    servers_.servers()[1]->Thaw();
    ASSERT_TRUE(Eventually([&] { return servers_.servers()[1]->IsMaster(); }));
    ASSERT_TRUE(Recovers());
  }

  TempSentinels servers_{{.replicas = 1, .sentinels = 1, .down_after_ms = 600}};
};

TEST_F(Failover, WithoutWaitLosesAcknowledgedWritesAndTheLossIsNoticed) {
  Open(0);
  EXPECT_THAT(PutUnreplicated("acknowledged"), IsOk());
  FailOver();
  EXPECT_EQ(*Get("a"), "before");
  EXPECT_EQ(telemetry_.rollbacks(), 1);
  EXPECT_TRUE(log_.Has("store_lost_writes"));
}

TEST_F(Failover, WithWaitLosesOnlyWhatWasNeverAcknowledged) {
  Open(1);
  EXPECT_THAT(PutUnreplicated("unconfirmed"), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  EXPECT_EQ(*Get("a"), "unconfirmed") << "the master has it";
  EXPECT_TRUE(log_.Has("store_replicas_short"));
  servers_.servers()[0]->Kill();
  servers_.servers()[1]->Thaw();
  // There is no replica left to wait for, so commits stay uncertain; reads tell what is there.
  ASSERT_TRUE(Eventually([&] {
    const Result<std::string> found = Get("a");
    return found.ok() && *found == "before";
  }));
  EXPECT_EQ(telemetry_.rollbacks(), 0) << "nothing that was acknowledged is gone";
  servers_.servers()[0]->Start();
  EXPECT_TRUE(Eventually([&] { return Put("a", "again").ok(); }, seconds(40)));
}

TEST_F(Failover, WhereAShortfallIsAcceptedTheLossIsNoticed) {
  Open(1, OnReplicaShortfall::kAccept);
  EXPECT_THAT(PutUnreplicated("acknowledged"), IsOk());
  EXPECT_TRUE(log_.Has("store_replicas_short"));
  FailOver();
  EXPECT_EQ(*Get("a"), "before");
  EXPECT_EQ(telemetry_.rollbacks(), 1);
}

}  // namespace
}  // namespace kulanz::redis
