// What SIGTERM does to those who are just calling, and to those who are connected and do not.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"
#include "tests/support/paths/paths.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::FreePort;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Far above what anything here takes on a slow machine, so that whoever uses it up is noticed.
constexpr seconds kGrace{60};
constexpr int kEnds = 4;
// Below --calls-in-flight-min: nobody is ever told that the server is busy.
constexpr int kCallers = 12;

std::vector<std::string> WithGrace(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(),
                   {"--drain-wait", "0ms", "--grace", std::to_string(kGrace.count()) + "s"});
  return arguments;
}

TEST(OrderlyEndTest, WhoIsConnectedAndReadsNothingHoldsUpNobody) {
  const SharedStore store;
  ServerProcess server(WithGrace(store.ServerArguments(false)));
  ASSERT_TRUE(server.AwaitServing());
  // A synchronous client reads while it waits for an answer. Now it has it, and its connection stays.
  ASSERT_TRUE(server.api().Upsert(ACustomer()).ok());
  const auto begin = steady_clock::now();
  server.Signal(SIGTERM);
  EXPECT_EQ(server.AwaitExit(kGrace), 0) << server.log();
  EXPECT_LT(steady_clock::now() - begin, kGrace / 2);
  EXPECT_THAT(server.log(), HasSubstr("stopped in order"));
}

// Calls in a loop until told to stop, from channels that know all servers and look at no readiness: they learn that a
// server goes by GOAWAY alone. What gRPC's server gets after that it answers CANCELLED, before we hear of it.
class Callers {
 public:
  Callers(int count, const std::string& target) {
    for (int number = 0; number < count; ++number) {
      threads_.emplace_back([this, target] { Call(target); });
    }
  }
  ~Callers() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  std::uint64_t answers() const { return answers_; }
  std::map<std::string, int> errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

 private:
  void Call(const std::string& target) {
    grpc::ChannelArguments arguments;
    std::string config = ReadFile(test::SourcePath("deploy/client/service-config.json"));
    const std::string watched = "\"readiness\"";
    config.replace(config.find(watched), watched.size(), "\"liveness\"");
    arguments.SetServiceConfigJSON(config);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
    Api api(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
    while (!stopping_) {
      const auto answer = api.GetCustomer("C-1");
      if (answer.ok()) {
        ++answers_;
      } else {
        const std::lock_guard lock(mutex_);
        ++errors_[Reason(answer.status) + ": " + answer.status.error_message()];
      }
    }
  }

  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> answers_{0};
  mutable std::mutex mutex_;
  std::map<std::string, int> errors_;  // under mutex_
  std::vector<std::thread> threads_;
};

TEST(OrderlyEndTest, WhoCallsAtThatMomentNoticesNothing) {
  const SharedStore store;
  const auto arguments = WithGrace(store.ServerArguments(false));
  const auto address = [] { return "127.0.0.1:" + std::to_string(FreePort()); };
  ServerProcess stays(arguments, address());
  ASSERT_TRUE(stays.AwaitServing());
  ASSERT_TRUE(stays.api().Upsert(ACustomer()).ok());
  const std::string other = address();
  auto goes = std::make_unique<ServerProcess>(arguments, other);
  ASSERT_TRUE(goes->AwaitServing());
  Callers callers(kCallers, "ipv4:" + stays.address() + "," + other);
  const auto goes_on = [&](std::uint64_t more) {
    const std::uint64_t goal = callers.answers() + more;
    return Eventually([&] { return callers.answers() >= goal; }, seconds(60));
  };
  for (int round = 0; round < kEnds; ++round) {
    ASSERT_TRUE(goes_on(500));
    goes->Signal(SIGTERM);
    EXPECT_EQ(goes->AwaitExit(kGrace), 0) << goes->log();
    goes = std::make_unique<ServerProcess>(arguments, other);
    ASSERT_TRUE(goes->AwaitServing());
  }
  EXPECT_TRUE(goes_on(100));
  EXPECT_THAT(callers.errors(), IsEmpty());
}

}  // namespace
}  // namespace kulanz::e2e
