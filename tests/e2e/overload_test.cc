// Ten times as much as can be done, against a real kulanzd whose Redis is the bottleneck: what can be done is done,
// nobody waits for the rest, health is up, and afterwards all is as it was.
//
// Figures are printed, and not judged: KULANZ_OVERLOAD_SECONDS=20 makes them worth reading.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "service/adapters/system/system_entropy.h"
#include "service/wiring/secrets.h"
#include "tests/e2e/api.h"
#include "tests/e2e/open_load.h"
#include "tests/e2e/programs.h"
#include "tests/fault/gate.h"
#include "tests/support/eventually.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::Gate;
using std::chrono::milliseconds;
using Serving = grpc::health::v1::HealthCheckResponse;

constexpr int kCustomers = 200;

milliseconds Phase() {
  const char* seconds = std::getenv("KULANZ_OVERLOAD_SECONDS");
  return milliseconds(seconds == nullptr ? 1'500 : 1'000 * std::atoi(seconds));
}

// Asks for the server's health until it is told to stop.
class HealthWatch {
 public:
  explicit HealthWatch(ServerProcess& server)
      : api_(server.NewChannel()), thread_([this] {
          while (!stopping_) {
            const auto answer = api_.Health("");
            ++asked_;
            well_ += answer.ok() && answer->status() == Serving::SERVING ? 1 : 0;
          }
        }) {}
  ~HealthWatch() {
    stopping_ = true;
    thread_.join();
  }
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;
  int asked() const { return asked_; }
  int well() const { return well_; }

 private:
  Api api_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> asked_{0};
  std::atomic<int> well_{0};
  std::thread thread_;
};

class OverloadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CopyRules("rules", directory_.path() + "/rules");
    adapters::SystemEntropy entropy;
    ASSERT_TRUE(wiring::CreateSecrets(directory_.path() + "/secrets", entropy).ok());
    server_ = Serve({"--initialise"});
    ASSERT_TRUE(server_->AwaitServing());
    std::vector<v1::Customer> customers;
    for (int i = 0; i < kCustomers; ++i) {
      customers.push_back(ACustomer("C-" + std::to_string(i)));
    }
    ASSERT_TRUE(server_->api().Import(customers).ok());
  }
  std::unique_ptr<ServerProcess> Serve(const std::vector<std::string>& more) const {
    const std::string& path = directory_.path();
    std::vector<std::string> arguments = {
        "--redis",        "redis://127.0.0.1:" + std::to_string(gate_.port()) + "/0",
        "--data",         path + "/data" + more.front(),
        "--rules",        path + "/rules",
        "--secrets",      path + "/secrets",
        "--no-deliveries"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<ServerProcess>(arguments);
  }
  static std::vector<std::shared_ptr<grpc::Channel>> Channels(const ServerProcess& server) {
    std::vector<std::shared_ptr<grpc::Channel>> channels;
    for (int i = 0; i < 8; ++i) {
      channels.push_back(server.NewChannel());
    }
    return channels;
  }
  // What the store can do, from now on behind a narrow gate, for a server that takes in 64 calls at once, however long
  // they take. All customers have had what they may have before: then a report costs the same in every phase.
  LoadResult Peak() {
    const auto unlimited = Serve({"--no-adaptive-limit"});
    if (!unlimited->AwaitServing()) {
      return {};
    }
    OpenLoad crowd("peak", Channels(*unlimited), kCustomers);
    crowd.RunClosed(16, milliseconds(1'000));
    gate_.Slice(512, milliseconds(1));  // The way to Redis is what there is too little of.
    crowd.RunClosed(64, milliseconds(500));
    return crowd.RunClosed(64, Phase());
  }
  double ResidentMb() const {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/" + std::to_string(server_->pid()) + "/statm") >> total >> resident;
    return static_cast<double>(resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) / 1e6;
  }

  const TemporaryDirectory directory_;
  const kulanz::testing::TempRedis redis_;
  Gate gate_{{.unix_path = redis_.directory() + "/s"}};
  std::unique_ptr<ServerProcess> server_;
};

void Print(const char* phase, const LoadResult& result) {
  std::printf("%-9s %6.0f/s served, %7d refused, p50 %6.1f ms, p99 %6.1f ms\n", phase,
              result.ok_per_second(), result.refused(), result.percentile_ms(0.5),
              result.percentile_ms(0.99));
}

TEST_F(OverloadTest, WhatCanBeDoneIsDoneAndTheRestIsToldSoAtOnce) {
  const LoadResult peak = Peak();
  Print("peak", peak);
  ASSERT_GT(peak.ok(), 0);
  OpenLoad crowd("crowd", Channels(*server_), kCustomers);
  const LoadResult normal = crowd.Run(0.5 * peak.ok_per_second(), Phase());
  Print("normal", normal);
  const double resident = ResidentMb();

  LoadResult overload;
  LoadResult modest;
  {
    const HealthWatch health(*server_);
    std::thread other([&] {
      OpenLoad calls("modest", {ChannelFrom(server_->address(), 2)}, kCustomers);
      modest = calls.Run(0.05 * peak.ok_per_second(), Phase());
    });
    overload = crowd.Run(10 * peak.ok_per_second(), Phase());
    other.join();
    EXPECT_GT(health.asked(), 0);
    EXPECT_EQ(health.well(), health.asked());
  }
  Print("overload", overload);
  Print("modest", modest);
  const LoadResult after = crowd.Run(0.5 * peak.ok_per_second(), Phase());
  Print("after", after);
  std::printf(
      "goodput %.2f of the peak (+ %.2f for the other caller), p99 %.2f of the normal, "
      "memory %.0f to %.0f MB, all served again after %.2f s\n",
      overload.ok_per_second() / peak.ok_per_second(),
      modest.ok_per_second() / peak.ok_per_second(),
      overload.percentile_ms(0.99) / normal.percentile_ms(0.99), resident, ResidentMb(),
      after.all_served_from().count());

  EXPECT_GT(overload.ok(), 0);
  EXPECT_GT(overload.refused(), 0) << "ten times as much as can be done";
  EXPECT_EQ(overload.others(), 0) << "served, or told when to come again, and nothing else";
  EXPECT_EQ(overload.without_hint, 0);
  EXPECT_GT(modest.ok_part(), overload.ok_part()) << "whoever asks for little gets it";
  EXPECT_EQ(normal.others() + after.others(), 0);
  EXPECT_LT(ResidentMb(), resident + 100);
  EXPECT_TRUE(Eventually(
      [&] { return crowd.Run(0.5 * peak.ok_per_second(), milliseconds(500)).refused() == 0; }));
}

}  // namespace
}  // namespace kulanz::e2e
