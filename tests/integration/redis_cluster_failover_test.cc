// RedisStore on a cluster whose masters die, hang and come back.

#include "tests/integration/redis_cluster_fixture.h"

namespace kulanz::redis {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class MastersAlone : public RedisCluster {};

TEST_F(MastersAlone, AClusterThatIsDownSaysSoAndComesBack) {
  // With an fsync each second, a kill costs what was acknowledged while one ran.
  Start({.masters = 3,
         .replicas = 0,
         .node_timeout_ms = 800,
         .arguments = {"--appendfsync", "always"}});
  FillPartitions("1");
  TempClusterNode& dead = cluster_->OwnerOf(0);
  const std::uint16_t elsewhere = [&] {
    std::uint16_t partition = 1;
    while (&cluster_->OwnerOf(partition) == &dead) {
      ++partition;
    }
    return partition;
  }();
  dead.Kill();
  ASSERT_TRUE(Eventually([&] {
    const Status status = PutIn(elsewhere, "a", "1");
    return status.reason() == "STORE_REFUSED" && status.metadata().contains("redisError") &&
           status.metadata().at("redisError") == "CLUSTERDOWN";
  }));
  EXPECT_FALSE(store_->Health().ok());
  dead.Start();
  EXPECT_TRUE(AllRecover());
  ExpectInPartitions("1");
}

// Whether over TLS.
class WithReplicas : public RedisCluster, public ::testing::WithParamInterface<bool> {
 protected:
  // WAIT would count the writes of its own connection only, of which there are none.
  static bool ReplicaHasAll(TempClusterNode& master) {
    const std::string said = master.Run({"INFO", "replication"}).text;
    const auto value_of = [&said](const std::string& name) {
      const std::size_t begin = said.find(name) + name.size();
      return said.substr(begin, said.find_first_of(",\r", begin) - begin);
    };
    return said.find("state=online") != std::string::npos &&
           value_of(",offset=") == value_of("master_repl_offset:");
  }

  void SetUp() override {
    Start({.masters = 3,
           .replicas = 3,
           .node_timeout_ms = 1000,
           .certificates = GetParam() ? &certificates_ : nullptr});
    FillPartitions("1");
    for (std::size_t master = 0; master < 3; ++master) {
      EXPECT_TRUE(Eventually([&] { return ReplicaHasAll(cluster_->node(master)); }));
    }
  }
  const testing::TestCertificates certificates_;
};

TEST_P(WithReplicas, AKilledMasterIsReplacedByItsReplica) {
  TempClusterNode& dead = cluster_->OwnerOf(0);
  dead.Kill();
  ASSERT_TRUE(Eventually([&] { return !store_->Health().ok(); }));
  EXPECT_THAT(PutIn(0, "a", "2"), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_TRUE(AllRecover());
  ExpectInPartitions("1");
  FillPartitions("3");
  EXPECT_EQ(telemetry_.rollbacks(), 0);
  dead.Start();  // as a replica now
  EXPECT_TRUE(Eventually([&] { return !dead.IsMaster(); }));
  ExpectInPartitions("3");
}

TEST_P(WithReplicas, AMasterThatHangsIsReplacedByItsReplica) {
  TempClusterNode& hung = cluster_->OwnerOf(0);
  hung.Freeze();
  EXPECT_THAT(PutIn(0, "a", "lost", seconds(20)), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  EXPECT_TRUE(AllRecover());
  FillPartitions("2");
  hung.Thaw();
  EXPECT_TRUE(Eventually([&] { return !hung.IsMaster(); }));
  ExpectInPartitions("2");
}

INSTANTIATE_TEST_SUITE_P(Cluster, WithReplicas, ::testing::Bool(),
                         [](const ::testing::TestParamInfo<bool>& way) {
                           return way.param ? "OverTls" : "Plain";
                         });

TEST_F(RedisCluster, ARedisWithoutAClusterSaysSo) {
  const std::uint16_t port = testing::FreePort();
  const TempRedis alone(TempRedis::OnPort(port));
  RedisOptions options = QuickOptions();
  options.address.topology = Topology::kCluster;
  options.address.seeds = {{"127.0.0.1", port}};
  const auto store = RedisStore::Open(options, log_, telemetry_, In(seconds(10)));
  EXPECT_THAT(store, StatusIs(Code::kInternal, "STORE_BROKEN"));
  EXPECT_THAT(store.status().message(), HasSubstr("cluster support disabled"));
}

}  // namespace
}  // namespace kulanz::redis
