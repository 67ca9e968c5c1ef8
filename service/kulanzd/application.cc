#include "service/kulanzd/application.h"

#include <utility>

namespace kulanz::server {
namespace {

constexpr Duration kPolicyPause{100};

}  // namespace

Application::Application(const ApplicationParts& parts)
    : parts_(parts),
      keys_(parts.store.partition_count()),
      budgets_({.store = parts.store,
                .scheduler = scheduler_,
                .entropy = parts.entropy,
                .telemetry = parts.telemetry,
                .log = parts.log,
                .keys = keys_,
                .codec = parts.secrets.codec},
               parts.budgets),
      budget_watch_({.store = parts.store,
                     .scheduler = scheduler_,
                     .telemetry = parts.telemetry,
                     .keys = keys_,
                     .codec = parts.secrets.codec,
                     .policies = parts.policies}),
      pools_({.store = parts.store,
              .scheduler = scheduler_,
              .entropy = parts.entropy,
              .telemetry = parts.telemetry,
              .log = parts.log,
              .keys = keys_,
              .codec = parts.secrets.codec,
              .cipher = parts.secrets.pools,
              .policies = parts.policies},
             parts.pools),
      guesses_({.scheduler = scheduler_, .telemetry = parts.telemetry, .log = parts.log},
               parts.guesses),
      gate_(guesses_, trust(), &pools_) {
  dependencies_.emplace(app::Dependencies{.store = parts_.store,
                                          .scheduler = scheduler_,
                                          .telemetry = parts_.telemetry,
                                          .log = parts_.log,
                                          .policies = parts_.policies,
                                          .keys = keys_,
                                          .codec = parts_.secrets.codec,
                                          .secrets = parts_.secrets.vouchers,
                                          .budgets = budgets_,
                                          .courier = nullptr,
                                          .intake = parts_.intake,
                                          .deliver_at_once = parts_.deliver_at_once,
                                          .events = parts_.event_types,
                                          .pools = &pools_});
  if (parts_.events != nullptr) {  // before everything that copies the dependencies
    dispatcher_.emplace(*dependencies_, *parts_.events, parts_.entropy, parts_.dispatcher);
    dependencies_->dispatcher = &*dispatcher_;
  }
  if (parts_.messenger != nullptr) {
    courier_.emplace(*dependencies_, *parts_.messenger, parts_.entropy, parts_.courier);
    dependencies_->courier = &*courier_;
  }
  breakers_.emplace(*dependencies_, parts_.breakers);
  dependencies_->breakers = &*breakers_;
  drip_.emplace(*dependencies_, *breakers_, parts_.entropy, parts_.drip);
  breaker_control_.emplace(*dependencies_);
  incidents_.emplace(*dependencies_);
  customers_.emplace(*dependencies_);
  vouchers_.emplace(*dependencies_, parts_.vouchers);
  letters_.emplace(*dependencies_);
  dead_events_.emplace(*dependencies_);
  expiry_.emplace(*dependencies_, parts_.expiry);
  if (dispatcher_) {
    Run(dispatcher_->Run(), dispatcher_running_);
  }
  Run(budgets_.Run(), ledger_running_);
  Run(expiry_->Run(), expiry_running_);
  Run(pools_.Run(), pools_running_);
  Run(budget_watch_.Run(), watch_running_);
  Run(breakers_->Run(), breakers_running_);
  Run(drip_->Run(), drip_running_);
  if (courier_) {
    Run(RunCourier(), courier_running_);
  }
}

Application::~Application() { Stop(std::chrono::steady_clock::now()); }

rpc::UseCases Application::use_cases() {
  return {*incidents_,  *customers_,      *vouchers_, *letters_, *dead_events_, *breaker_control_,
          parts_.store, parts_.telemetry, pools_,     gate_,     trust()};
}

bool Application::Ready() const {
  return parts_.store.Health().ok() && parts_.policies.Current() != nullptr;
}

void Application::Run(Task<void> work, bool& running) {
  {
    const std::lock_guard lock(mutex_);
    running = true;
  }
  SpawnThen(std::move(work), [this, &running] {
    const std::lock_guard lock(mutex_);
    running = false;
    changed_.notify_all();
  });
}

void Application::AwaitEnd(const bool& running) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !running; });
}

// Before the first policies nobody knows how letters are written, and an attempt would count.
Task<void> Application::RunCourier() {
  while (parts_.policies.Current() == nullptr && !stopping_ && !scheduler_.stopping()) {
    co_await scheduler_.Sleep(kPolicyPause);
  }
  co_await courier_->Run();
}

bool Application::Stop(Deadline deadline) {
  if (std::exchange(stopped_, true)) {
    return true;
  }
  stopping_ = true;
  if (courier_) {
    courier_->Stop();
    AwaitEnd(
        courier_running_);  // A letter in hand ends by itself: drained messengers and store calls have deadlines.
  }
  drip_->Stop();
  AwaitEnd(drip_running_);  // before leases go back: it gives, too
  breakers_->Stop();
  expiry_->Stop();
  if (dispatcher_) {
    dispatcher_->Stop();
  }
  const bool settled = SyncWait(budgets_.Shutdown(deadline));
  scheduler_.Stop();
  AwaitEnd(ledger_running_);
  AwaitEnd(expiry_running_);
  AwaitEnd(dispatcher_running_);
  AwaitEnd(pools_running_);
  AwaitEnd(watch_running_);
  AwaitEnd(breakers_running_);
  return settled;
}

}  // namespace kulanz::server
