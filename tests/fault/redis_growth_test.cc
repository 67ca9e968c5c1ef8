// A cluster that grows from three to six masters under load: no error that a client with the documented
// retries sees, and no promise broken.
#include "tests/fault/audited_fixture.h"
#include "tests/support/audit/workload.h"
#include "tests/support/redis/temp_cluster.h"

namespace kulanz::testing {
namespace {

using ::testing::IsEmpty;

class Growth : public AuditedTest {
 protected:
  void TearDown() override { servers_.clear(); }  // before the cluster
  TempCluster cluster_{{.masters = 3, .replicas = 0}};
};

TEST_F(Growth, FromThreeToSixMastersUnderLoadBreaksNoPromise) {
  constexpr int kAdded = 3;
  Initialise(cluster_.address());
  AddServers(2, OptionsFor(cluster_.address()));
  audit::Workload workload({.seed = 5}, {servers_[0].get(), servers_[1].get()}, auditor_);
  workload.Start();
  ASSERT_TRUE(Eventually([&] { return workload.operations() >= 300; }, std::chrono::seconds(60)));
  for (int addition = 0; addition < kAdded; ++addition) {
    TempClusterNode& added = cluster_.AddMaster();
    // Every sixth partition's slot, so that in the end all six have about as many.
    for (std::uint16_t partition = static_cast<std::uint16_t>(addition); partition < kPartitions;
         partition += 6) {
      TempClusterNode& from = cluster_.OwnerOf(partition);
      TempCluster::BeginMove(partition, from, added);
      while (TempCluster::MoveKeys(partition, from, added, 10) > 0) {
      }
      cluster_.EndMove(partition, added);
    }
    const std::uint64_t goal = workload.operations() + 100;
    EXPECT_TRUE(
        Eventually([&] { return workload.operations() >= goal; }, std::chrono::seconds(60)));
  }
  workload.Stop();
  workload.Confirm();
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
  EXPECT_FALSE(servers_[0]->lost_writes());
  for (int node = 0; node < 3 + kAdded; ++node) {
    EXPECT_GT(cluster_.node(static_cast<std::size_t>(node)).Run({"DBSIZE"}).integer, 0) << node;
  }
  std::cout << workload.operations() << " operations, " << workload.attempts() << " calls, the "
            << "longest " << workload.longest_wait().count() << " ms\n";
}

}  // namespace
}  // namespace kulanz::testing
