// RedisStore behind Sentinels: finding the master, and following it.

#include <fstream>

#include "service/adapters/redis/sentinel_client.h"
#include "tests/integration/redis_fixture.h"
#include "tests/support/redis/temp_sentinels.h"

namespace kulanz::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::TempReplica;
using testing::TempSentinels;

class RedisSentinel : public RedisStoreFixture {
 protected:
  void Start(const TempSentinels::Options& sentinels) {
    sentinels_ = std::make_unique<TempSentinels>(sentinels);
    ASSERT_THAT(Initialise({sentinels_->address(), TestGenesis()}), IsOk());
    OpenStore(SentinelOptions());
  }
  RedisOptions SentinelOptions() const {
    RedisOptions options = QuickOptions();
    options.address = sentinels_->address();
    options.topology_interval = Duration(100);
    return options;
  }
  // What a replica has and a master had when `name` was put.
  bool HasReached(const TempReplica& server, std::string_view name, std::string_view value) const {
    std::string key;
    AppendKey(RecordKey(name), key);
    const Result<Reply> reply = server.TryRun({"GET", key});
    return reply.ok() && reply->text.size() > kVersionBytes &&
           reply->text.substr(kVersionBytes) == value;
  }

  ~RedisSentinel() override { store_.reset(); }  // before its servers

  std::unique_ptr<TempSentinels> sentinels_;
};

// Whether over TLS.
class RedisSentinelKilled : public RedisSentinel, public ::testing::WithParamInterface<bool> {};

TEST_P(RedisSentinelKilled, TheMasterIsFoundAndFollowed) {
  const testing::TestCertificates certificates;
  Start({.replicas = 1,
         .sentinels = 3,
         .down_after_ms = 600,
         .certificates = GetParam() ? &certificates : nullptr});
  ASSERT_THAT(Put("a", "1"), IsOk());
  TempReplica& first = sentinels_->master();
  TempReplica& replica = *sentinels_->servers()[1];
  ASSERT_TRUE(Eventually([&] { return HasReached(replica, "a", "1"); }));
  first.Kill();
  ASSERT_TRUE(Eventually([&] { return !store_->Health().ok(); }));
  EXPECT_THAT(Put("a", "2"), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_TRUE(Recovers());
  EXPECT_EQ(&sentinels_->master(), &replica);
  EXPECT_EQ(*Get("a"), "1");
  EXPECT_THAT(Put("a", "3"), IsOk());
  EXPECT_EQ(telemetry_.rollbacks(), 0) << "everything acknowledged had reached the replica";
  // The one before comes back as a master, until the Sentinels make it a replica; nobody writes to it.
  first.Start();
  EXPECT_THAT(Put("a", "4"), IsOk());
  EXPECT_TRUE(HasReached(replica, "a", "4"));
}

INSTANTIATE_TEST_SUITE_P(Sentinel, RedisSentinelKilled, ::testing::Bool(),
                         [](const ::testing::TestParamInfo<bool>& way) {
                           return way.param ? "OverTls" : "Plain";
                         });

TEST_F(RedisSentinel, AnOrderedFailoverWhileTheMasterLivesIsFollowed) {
  Start({.replicas = 1, .sentinels = 1});
  ASSERT_THAT(Put("a", "1"), IsOk());
  TempReplica& first = sentinels_->master();
  TempReplica& replica = *sentinels_->servers()[1];
  ASSERT_TRUE(Eventually([&] { return HasReached(replica, "a", "1"); }));
  ASSERT_TRUE(Eventually([&] {
    return sentinels_->sentinels()[0]
        ->TryRun({"SENTINEL", "FAILOVER", TempSentinels::kMasterName})
        .ok();
  }));
  ASSERT_TRUE(sentinels_->AllName(replica.port()));
  ASSERT_TRUE(Eventually([&] { return log_.Has("master=" + replica.endpoint().ToString()); }));
  EXPECT_TRUE(Recovers());
  EXPECT_TRUE(HasReached(replica, "probe", "x"));
  // No connection of ours is left at the server before.
  EXPECT_TRUE(Eventually([&] {
    return first.Run({"CLIENT", "LIST"}).text.find("name=kulanz") == std::string::npos;
  }));
}

TEST_F(RedisSentinel, AMasterThatHangsIsReplacedAndNotWrittenToAfterItWakes) {
  Start({.replicas = 1, .sentinels = 3, .down_after_ms = 600});
  ASSERT_THAT(Put("a", "1"), IsOk());
  TempReplica& first = sentinels_->master();
  TempReplica& replica = *sentinels_->servers()[1];
  ASSERT_TRUE(Eventually([&] { return HasReached(replica, "a", "1"); }));
  first.Freeze();
  // Sent to the master that hangs; it may be applied there, and is lost with it.
  EXPECT_THAT(Put("a", "lost", seconds(20)), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  EXPECT_TRUE(Recovers());
  EXPECT_THAT(Put("a", "kept"), IsOk());
  first.Thaw();
  EXPECT_THAT(Put("b", "kept"), IsOk());
  EXPECT_EQ(*Get("a"), "kept");
  EXPECT_TRUE(HasReached(replica, "b", "kept"));
}

TEST_F(RedisSentinel, AMasterThatWakesAfterItsReplacementMayAnswerReadsButAcknowledgesNothing) {
  Start({.replicas = 1, .sentinels = 3, .down_after_ms = 600});
  ASSERT_THAT(Put("a", "before"), IsOk());
  TempReplica& first = sentinels_->master();
  TempReplica& replica = *sentinels_->servers()[1];
  ASSERT_TRUE(Eventually([&] { return HasReached(replica, "a", "before"); }));
  // A server that has not heard of the failover: one that asks for nothing while the master hangs.
  RedisOptions unaware = SentinelOptions();
  unaware.topology_interval = Duration(3'600'000);
  unaware.clock_interval = Duration(3'600'000);
  unaware.replicas_to_wait = 1;
  unaware.wait_timeout = Duration(100);
  auto late = RedisStore::Open(unaware, log_, telemetry_, In(seconds(20)));
  ASSERT_THAT(late, IsOk());
  std::swap(store_, *late);
  first.Freeze();
  ASSERT_TRUE(sentinels_->AllName(replica.port()));
  std::swap(store_, *late);
  EXPECT_TRUE(Recovers());
  ASSERT_THAT(Put("a", "after"), IsOk());
  // Before the Sentinels make a replica of it.
  for (const auto& sentinel : sentinels_->sentinels()) sentinel->Freeze();
  first.Thaw();
  std::swap(store_, *late);
  EXPECT_EQ(*Get("a"), "before") << "a stale read";
  EXPECT_THAT(Put("b", "lost"), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"))
      << "no replica confirms it";
  for (const auto& sentinel : sentinels_->sentinels()) sentinel->Thaw();
  std::swap(store_, *late);
  EXPECT_EQ(*Get("a"), "after");
  EXPECT_FALSE(HasReached(replica, "b", "lost"));
}

TEST_F(RedisSentinel, WithoutSentinelsTheLastMasterStays) {
  Start({.replicas = 1, .sentinels = 1});
  sentinels_->sentinels()[0]->Kill();
  ASSERT_THAT(Put("a", "1"), IsOk());
  sentinels_->master().Run({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(Recovers());
  // Who starts now does not know where to go, and says so.
  RedisOptions options = SentinelOptions();
  const auto lost = RedisStore::Open(options, log_, telemetry_, In(milliseconds(200)));
  EXPECT_THAT(lost, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(lost.status().message(), HasSubstr("cannot connect to redis://127.0.0.1"));
  options.genesis = TestGenesis();
  store_.reset();
  OpenStoreUnready(options);
  EXPECT_THAT(Put("a", "2"), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  sentinels_->sentinels()[0]->Start();
  EXPECT_TRUE(Recovers());
}

TEST_F(RedisSentinel, AnUnknownMasterNameIsSaid) {
  Start({.replicas = 0, .sentinels = 1});
  RedisOptions options = SentinelOptions();
  options.address.master_name = "another";
  const auto store = RedisStore::Open(options, log_, telemetry_, In(milliseconds(300)));
  EXPECT_THAT(store, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(store.status().message(), HasSubstr("another"));
}

TEST_F(RedisSentinel, SentinelsMayAskForAPasswordOfTheirOwn) {
  Start({.replicas = 0, .sentinels = 1});
  testing::TempSentinel& sentinel = *sentinels_->sentinels()[0];
  sentinel.Run({"ACL", "SETUSER", "default", "resetpass", ">s3cret"});
  RedisOptions options = SentinelOptions();
  const auto refused = RedisStore::Open(options, log_, telemetry_, In(milliseconds(300)));
  EXPECT_THAT(refused.status().message(), HasSubstr("Redis wants a password"));
  options.address.sentinel_password_file = sentinel.directory() + "/password";
  std::ofstream(options.address.sentinel_password_file) << "s3cret\n";
  store_.reset();
  OpenStore(options);
  EXPECT_THAT(Put("a", "1"), IsOk());
}

}  // namespace
}  // namespace kulanz::redis
