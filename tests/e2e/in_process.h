// InProcess: the whole service in this process, over a memory store that a test can hold up or take away.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "service/adapters/grpc/rpc_server.h"
#include "service/adapters/memory/memory_store.h"
#include "service/adapters/system/system_entropy.h"
#include "service/app/policy_holder.h"
#include "service/kulanzd/application.h"
#include "service/wiring/secrets.h"
#include "tests/e2e/api.h"
#include "tests/e2e/test_rules.h"

namespace kulanz::e2e {

// Passes calls on to a memory store, except while it is held up (they wait) or away (they fail).
class GatedStore final : public ports::Store {
 public:
  explicit GatedStore(ports::Store& store) : store_(store) {}

  // Calls wait that read or write for this customer; Release() lets them go on.
  void Hold(ports::PartitionId partition);
  void Release();
  std::size_t waiting_reads();  // one for each incident under way
  void SetAway(bool away);

  std::uint32_t partition_count() const override { return store_.partition_count(); }
  Task<Result<std::vector<ports::Record>>> Read(std::vector<ports::Key> keys,
                                                Deadline deadline) override;
  Task<Result<ports::CommitOutcome>> Commit(ports::Transaction transaction,
                                            Deadline deadline) override;
  Task<Result<std::vector<ports::IndexEntry>>> ReadIndex(ports::IndexRange range,
                                                         Deadline deadline) override;
  Task<Result<ports::IndexSummary>> SummarizeIndex(ports::Key index, Deadline deadline) override;
  Task<Result<std::int64_t>> ReadCounter(ports::Key counter, Deadline deadline) override;
  std::optional<Instant> Now() const override { return store_.Now(); }
  Status Health() const override;

 private:
  // OK, or why the call fails, once the gate is open for the partition.
  Task<Status> Pass(ports::PartitionId partition, bool is_read = false);

  ports::Store& store_;
  mutable std::mutex mutex_;
  bool away_ = false;
  std::set<ports::PartitionId> held_;
  std::vector<std::function<void(bool)>> waiters_;
  std::size_t waiting_reads_ = 0;
};

class InProcess {
 public:
  explicit InProcess(const std::string& rules = "rules", const rpc::CallSteps& steps = {});
  ~InProcess();

  Api& api() { return *api_; }
  GatedStore& store() { return gated_; }
  rpc::RpcServer& server() { return *server_; }
  app::PolicyHolder& policies() { return policies_; }
  rpc::UseCases use_cases() { return application_->use_cases(); }
  ports::PartitionId PartitionOf(const std::string& customer) const;
  // Over TCP: gRPC's in-process transport ends streams at once when the server stops.
  std::shared_ptr<grpc::Channel> NewChannel();

 private:
  TemporaryDirectory directory_;
  memory::MemoryStore memory_;
  GatedStore gated_{memory_};
  adapters::SystemEntropy entropy_;
  ports::NullTelemetry telemetry_;
  ports::NullLog log_;
  std::unique_ptr<wiring::Secrets> secrets_;
  app::PolicyHolder policies_;
  std::unique_ptr<server::Application> application_;
  std::unique_ptr<rpc::RpcServer> server_;
  std::unique_ptr<Api> api_;
};

}  // namespace kulanz::e2e
