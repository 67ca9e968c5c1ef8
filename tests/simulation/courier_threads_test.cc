// Couriers on real threads and real time: what the deterministic scheduler cannot show is a data race.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/adapters/system/system_entropy.h"
#include "service/adapters/system/system_scheduler.h"
#include "service/app/courier.h"
#include "tests/simulation/courier_world.h"
#include "tests/support/eventually.h"

namespace kulanz::simulation {
namespace {

constexpr std::size_t kCouriers = 3;
constexpr std::size_t kLetters = 600;

// Answers from the scheduler's thread, as a messenger with its own connections does.
class ThreadMessenger final : public ports::Messenger {
 public:
  explicit ThreadMessenger(ports::Scheduler& scheduler) : scheduler_(scheduler) {}
  Task<ports::DeliveryReport> Send(ports::Delivery delivery) override {
    co_await scheduler_.Sleep(Duration{1});
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = ++sent_[delivery.id] == 1;
    }
    const bool refused = first && delivery.id.front() == '0';
    co_return refused
        ? ports::DeliveryReport{ports::DeliveryResult::kRetry, "SMTP_451", "", std::nullopt}
        : ports::DeliveryReport{ports::DeliveryResult::kAccepted, "", "", std::nullopt};
  }
  std::map<std::string, int> sent() {
    const std::lock_guard lock(mutex_);
    return sent_;
  }

 private:
  ports::Scheduler& scheduler_;
  std::mutex mutex_;
  std::map<std::string, int> sent_;  // under mutex_
};

TEST(CourierThreads, ThreeCouriersSendEveryLetterOnce) {
  CourierWorld world(1);  // for its records; its clock stands still
  adapters::SystemScheduler scheduler;
  adapters::SystemEntropy entropy;
  ports::NullTelemetry telemetry;
  ports::NullLog log;
  app::PolicyHolder policies;
  NoBudgets budgets;
  ThreadMessenger messenger(scheduler);
  const app::Dependencies dependencies{.store = world.database().store(),
                                       .scheduler = scheduler,
                                       .telemetry = telemetry,
                                       .log = log,
                                       .policies = policies,
                                       .keys = world.keys(),
                                       .codec = world.codec(),
                                       .secrets = world.secrets(),
                                       .budgets = budgets,
                                       .courier = nullptr,
                                       .intake = {}};
  app::CourierSettings settings;
  settings.poll = Duration{5};
  settings.in_flight_max = 16;
  std::vector<std::unique_ptr<app::Courier>> couriers;
  std::atomic<std::size_t> ended{0};
  for (std::size_t i = 0; i < kCouriers; ++i) {
    couriers.push_back(std::make_unique<app::Courier>(dependencies, messenger, entropy, settings));
    SpawnThen(couriers.back()->Run(), [&ended] { ++ended; });
  }
  std::size_t refused_once = 0;
  for (std::size_t i = 0; i < kLetters; ++i) {
    const std::string incident = "I-" + std::to_string(i);
    world.Grant(incident);
    couriers[i % kCouriers]->Notify(world.PartitionOf(incident), world.world().wall());
  }
  EXPECT_TRUE(kulanz::testing::Eventually([&] {
    refused_once =
        world.AgendaSize();  // these wait for a second attempt, for the clock stands still
    return messenger.sent().size() == kLetters && refused_once < kLetters / 8;
  }));
  for (const auto& courier : couriers) {
    courier->Stop();
  }
  EXPECT_TRUE(kulanz::testing::Eventually([&] { return ended == kCouriers; }));
  for (const auto& [id, count] : messenger.sent()) {
    EXPECT_EQ(count, 1) << id;
  }
  EXPECT_GT(refused_once, 0U);
  scheduler.Stop();
}

}  // namespace
}  // namespace kulanz::simulation
