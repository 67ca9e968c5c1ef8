#include "tests/e2e/in_process.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <utility>

#include "service/app/keys.h"
#include "service/base/check.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::e2e {
namespace {

constexpr std::uint32_t kPartitions = 64;

Instant HostTime() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace

void GatedStore::Hold(ports::PartitionId partition) {
  const std::lock_guard lock(mutex_);
  held_.insert(partition);
}

void GatedStore::Release() {
  std::vector<std::function<void(bool)>> waiters;
  {
    const std::lock_guard lock(mutex_);
    held_.clear();
    waiters.swap(waiters_);
    waiting_reads_ = 0;
  }
  for (const auto& waiter : waiters) {
    waiter(true);
  }
}

std::size_t GatedStore::waiting_reads() {
  const std::lock_guard lock(mutex_);
  return waiting_reads_;
}

void GatedStore::SetAway(bool away) {
  const std::lock_guard lock(mutex_);
  away_ = away;
}

Status GatedStore::Health() const {
  const std::lock_guard lock(mutex_);
  return away_ ? Status(Code::kUnavailable, "STORE_UNREACHABLE", "the test took the store away")
                     .WithRetryAfter(std::chrono::milliseconds{50})
               : Status::Ok();
}

Task<Status> GatedStore::Pass(ports::PartitionId partition, bool is_read) {
  co_await Complete<bool>([this, partition, is_read](auto done) {
    {
      const std::lock_guard lock(mutex_);
      if (held_.contains(partition)) {
        waiting_reads_ += is_read ? 1U : 0U;
        waiters_.emplace_back(done);
        return;
      }
    }
    done(true);
  });
  co_return Health();
}

Task<Result<std::vector<ports::Record>>> GatedStore::Read(std::vector<ports::Key> keys,
                                                          Deadline deadline) {
  const Status gate = co_await Pass(keys.front().partition, true);
  if (!gate.ok()) {
    co_return gate;
  }
  auto result = co_await store_.Read(std::move(keys), deadline);
  co_return result;
}

Task<Result<ports::CommitOutcome>> GatedStore::Commit(ports::Transaction transaction,
                                                      Deadline deadline) {
  const Status gate = co_await Pass(transaction.partition);
  if (!gate.ok()) {
    co_return gate;
  }
  auto result = co_await store_.Commit(std::move(transaction), deadline);
  co_return result;
}

Task<Result<std::vector<ports::IndexEntry>>> GatedStore::ReadIndex(ports::IndexRange range,
                                                                   Deadline deadline) {
  const Status gate = co_await Pass(range.index.partition);
  if (!gate.ok()) {
    co_return gate;
  }
  auto result = co_await store_.ReadIndex(std::move(range), deadline);
  co_return result;
}

Task<Result<ports::IndexSummary>> GatedStore::SummarizeIndex(ports::Key index, Deadline deadline) {
  const Status gate = co_await Pass(index.partition);
  if (!gate.ok()) {
    co_return gate;
  }
  auto result = co_await store_.SummarizeIndex(index, deadline);
  co_return result;
}

Task<Result<std::int64_t>> GatedStore::ReadCounter(ports::Key counter, Deadline deadline) {
  const Status gate = co_await Pass(counter.partition);
  if (!gate.ok()) {
    co_return gate;
  }
  auto result = co_await store_.ReadCounter(counter, deadline);
  co_return result;
}

InProcess::InProcess(const std::string& rules, const rpc::CallSteps& steps)
    : memory_({.partition_count = kPartitions, .clock = &HostTime}) {
  KULANZ_CHECK(wiring::CreateSecrets(directory_.path(), entropy_).ok(), "a test can make secrets");
  auto secrets = wiring::LoadSecrets(directory_.path());
  KULANZ_CHECK(secrets.ok(), "secrets just made can be read");
  secrets_ = std::move(secrets).value();
  auto loaded = policy::LoadPolicySet(test::SourcePath("tests/e2e/") + rules);
  KULANZ_CHECK(loaded.ok(), "the rules of the test are right");
  policies_.Replace(loaded.policies);
  application_ = std::make_unique<server::Application>(server::ApplicationParts{
      .store = gated_,
      .messenger = nullptr,
      .entropy = entropy_,
      .telemetry = telemetry_,
      .log = log_,
      .secrets = *secrets_,
      .policies = policies_,
      .intake = {},
      .courier = {},
      .budgets = {},
  });
  auto server =
      rpc::RpcServer::Start({.listen = "127.0.0.1:0", .reflection = true, .steps = steps},
                            application_->use_cases(), [this] { return application_->Ready(); });
  KULANZ_CHECK(server.ok(), "a test can listen on a free port");
  server_ = std::move(server).value();
  api_ = std::make_unique<Api>(NewChannel());
}

std::shared_ptr<grpc::Channel> InProcess::NewChannel() {
  grpc::ChannelArguments arguments;
  // A window that does not grow: a test can fill it.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

InProcess::~InProcess() {
  gated_.SetAway(false);
  gated_.Release();
  server_->Stop(std::chrono::seconds{5});
  application_->Stop(std::chrono::steady_clock::now() + std::chrono::seconds{5});
}

ports::PartitionId InProcess::PartitionOf(const std::string& customer) const {
  return app::Keys(kPartitions).PartitionOf(CustomerId(customer));
}

}  // namespace kulanz::e2e
