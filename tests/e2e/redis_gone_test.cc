// A kulanzd whose Redis is away: it says so at once, holds no thread and no memory for those who wait, and is back
// when Redis is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "service/adapters/system/system_entropy.h"
#include "service/wiring/secrets.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/fault/gate.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::Gate;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;
using Serving = grpc::health::v1::HealthCheckResponse;

class RedisGoneTest : public ::testing::Test {
 protected:
  RedisGoneTest() {
    CopyRules("rules", directory_.path() + "/rules");
    adapters::SystemEntropy entropy;
    EXPECT_TRUE(wiring::CreateSecrets(directory_.path() + "/secrets", entropy).ok());
    const std::string& path = directory_.path();
    server_ = std::make_unique<ServerProcess>(std::vector<std::string>{
        "--redis", "redis://127.0.0.1:" + std::to_string(gate_.port()) + "/0", "--initialise",
        "--data", path + "/data", "--rules", path + "/rules", "--secrets", path + "/secrets",
        "--no-deliveries"});
  }
  void SetUp() override {
    ASSERT_TRUE(server_->AwaitServing());
    ASSERT_TRUE(server_->api().Upsert(ACustomer()).ok());
  }
  bool Says(Serving::ServingStatus status) {
    const auto answer = server_->api().Health("kulanz.v1.IncidentService");
    return answer.ok() && answer->status() == status;
  }
  std::string InProc(const char* file) const {
    return "/proc/" + std::to_string(server_->pid()) + "/" + file;
  }
  std::size_t ResidentBytes() const {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream(InProc("statm")) >> total >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  }
  std::ptrdiff_t Threads() const {
    return std::distance(std::filesystem::directory_iterator(InProc("task")),
                         std::filesystem::directory_iterator());
  }

  const TemporaryDirectory directory_;
  const kulanz::testing::TempRedis redis_;
  Gate gate_{{.unix_path = redis_.directory() + "/s"}};
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(RedisGoneTest, TheFirstCallIsToldSoAndItIsBackWithinASecond) {
  // A busy machine may be slow now and then, a defect is slow each time.
  auto quickest_answer = Clock::duration::max();
  auto quickest_return = Clock::duration::max();
  for (int attempt = 0; attempt < 3; ++attempt) {
    const v1::Incident incident = LateDelivery("I-" + std::to_string(attempt));
    gate_.Shut();
    auto start = Clock::now();
    const auto refused = server_->api().Report(incident);
    quickest_answer = std::min(quickest_answer, Clock::now() - start);
    EXPECT_EQ(refused.status.error_code(), grpc::UNAVAILABLE) << Reason(refused.status);
    EXPECT_TRUE(HasRetryInfo(refused.status)) << Reason(refused.status);
    EXPECT_TRUE(Eventually([&] { return Says(Serving::NOT_SERVING); }));
    gate_.Heal();
    start = Clock::now();
    EXPECT_TRUE(Eventually([&] { return server_->api().Report(incident).ok(); }));
    quickest_return = std::min(quickest_return, Clock::now() - start);
    EXPECT_TRUE(Eventually([&] { return Says(Serving::SERVING); }));
  }
  EXPECT_LT(quickest_answer, milliseconds(250));
  EXPECT_LT(quickest_return, seconds(1));
}

TEST_F(RedisGoneTest, WhoseReplyIsLostIsToldWhenToRepeat) {
  const v1::Incident incident = LateDelivery("I-1");
  EXPECT_TRUE(Eventually([&] {
    gate_.CutAfter(Gate::kToClient, 0);
    const auto refused = server_->api().Report(incident);
    gate_.Heal();
    if (refused.ok()) {
      return false;  // the cut had met another reply, and the connection was back already
    }
    // Whether it had been sent already when the connection was lost is a matter of luck.
    EXPECT_EQ(refused.status.error_code(), grpc::UNAVAILABLE) << Reason(refused.status);
    EXPECT_TRUE(HasRetryInfo(refused.status)) << Reason(refused.status);
    return ReasonOf(refused.status) == "STORE_UNCERTAIN";
  }));
  EXPECT_TRUE(Eventually([&] { return server_->api().Report(incident).ok(); }));
}

// Calls of clients that wait for their answers, all at once.
class WaitingCalls {
 public:
  WaitingCalls(v1::IncidentService::Stub& stub, int count, milliseconds patience) {
    const auto deadline = std::chrono::system_clock::now() + patience;
    for (int number = 0; number < count; ++number) {
      Call& call = calls_.emplace_back();
      call.context.set_deadline(deadline);
      *call.request.mutable_incident() = LateDelivery("waits-" + std::to_string(number));
      stub.async()->ReportIncident(&call.context, &call.request, &call.response,
                                   [this, &call](grpc::Status status) {
                                     call.status = std::move(status);
                                     ended_.fetch_add(1);
                                   });
    }
  }
  bool HaveEnded() {
    return Eventually([this] { return ended_.load() == static_cast<int>(calls_.size()); });
  }
  // Answered by something else than "repeat".
  int Wrong() const {
    return static_cast<int>(std::count_if(calls_.begin(), calls_.end(), [](const Call& call) {
      const auto code = call.status.error_code();
      return code != grpc::UNAVAILABLE && code != grpc::DEADLINE_EXCEEDED &&
             code != grpc::RESOURCE_EXHAUSTED;
    }));
  }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::ReportIncidentRequest request;
    v1::ReportIncidentResponse response;
    grpc::Status status;
  };
  std::list<Call> calls_;
  std::atomic<int> ended_{0};
};

TEST_F(RedisGoneTest, TenThousandWhoWaitCostNoThreadAndLeaveNoMemoryBehind) {
  constexpr int kCalls = 10'000;
  constexpr std::size_t kWaves = 6;
  const std::ptrdiff_t threads = Threads();
  std::vector<std::size_t> resident;
  for (std::size_t wave = 0; wave < kWaves; ++wave) {
    gate_.Stall(Gate::kToServer);
    WaitingCalls calls(server_->api().incidents(), kCalls, milliseconds(1'500));
    ASSERT_TRUE(calls.HaveEnded());
    EXPECT_EQ(calls.Wrong(), 0);
    // gRPC's own pool may grow by a few; nobody has a thread to himself.
    EXPECT_LT(Threads(), threads + 32);
    gate_.Heal();
    ASSERT_TRUE(Eventually([&] { return server_->api().Upsert(ACustomer()).ok(); }));
    resident.push_back(ResidentBytes());
  }
  // The first waves fill what allocator, sockets and gRPC keep. Four kilobytes left behind by each call of the others
  // would be told.
  EXPECT_LT(resident[5], resident[2] + resident[2] / 3) << "after waves of waiting calls";
  std::cout << "resident after each wave:";
  for (const std::size_t bytes : resident) {
    std::cout << " " << bytes / 1'000'000 << " MB";
  }
  std::cout << ", " << Threads() << " threads\n";
}

}  // namespace
}  // namespace kulanz::e2e
