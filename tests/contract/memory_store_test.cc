#include "service/adapters/memory/memory_store.h"

#include <atomic>

#include "tests/contract/store_contract.h"

namespace kulanz::contract {
namespace {

class MemoryStoreUnderTest final : public StoreUnderTest {
 public:
  ports::Store& store() override { return store_; }
  ports::StoreScan& scan() override { return store_; }
  void LoseGenesis(ports::PartitionId partition) override { store_.LoseGenesis(partition); }
  void ReplaceGenesis(ports::PartitionId partition) override {
    store_.ReplaceGenesis(partition, "another store");
  }
  void LetTimePass() override { now_ms_.fetch_add(10); }

 private:
  std::atomic<std::int64_t> now_ms_{1'772'366'400'000};
  memory::MemoryStore store_{
      {.partition_count = kPartitions, .clock = [this] { return InstantFromMillis(now_ms_); }}};
};

}  // namespace

std::unique_ptr<StoreUnderTest> MakeStoreUnderTest() {
  return std::make_unique<MemoryStoreUnderTest>();
}

}  // namespace kulanz::contract
