// Application: the use-cases with all that they need, over a store and a messenger, and the work in the
// background: budget leases, pools of codes, breakers and the courier.
//
// Thread-safety: made, stopped and destroyed by one owner; use_cases() serves any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "service/adapters/grpc/use_cases.h"
#include "service/adapters/system/system_scheduler.h"
#include "service/app/breaker_control.h"
#include "service/app/breaker_drip.h"
#include "service/app/breaker_watch.h"
#include "service/app/budget_leases.h"
#include "service/app/budget_watch.h"
#include "service/app/caller_trust.h"
#include "service/app/code_pools.h"
#include "service/app/courier.h"
#include "service/app/customers.h"
#include "service/app/dependencies.h"
#include "service/app/event_dispatcher.h"
#include "service/app/guess_throttle.h"
#include "service/app/incidents.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/voucher_expiry.h"
#include "service/app/voucher_gate.h"
#include "service/app/vouchers.h"
#include "service/ports/entropy.h"
#include "service/ports/event_sink.h"
#include "service/ports/log.h"
#include "service/ports/messenger.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"
#include "service/wiring/secrets.h"

namespace kulanz::server {

// Outlive the application.
struct ApplicationParts {
  ports::Store& store;
  ports::Messenger* messenger;  // null: letters stay on the agenda
  ports::Entropy& entropy;
  ports::Telemetry& telemetry;
  ports::Log& log;
  const wiring::Secrets& secrets;
  const app::PolicyHolder& policies;
  app::IntakeWindow intake;
  bool deliver_at_once = false;
  app::CourierSettings courier;
  app::BudgetSettings budgets;
  app::VoucherSettings vouchers = {};
  app::VoucherExpirySettings expiry = {};
  ports::EventSink* events = nullptr;  // null: what stands in the outbox stays there
  EventTypes event_types = {};         // what is written into it
  app::EventDispatcherSettings dispatcher = {};
  app::PoolSettings pools = {};
  app::BreakerSettings breakers = {};
  app::BreakerDripSettings drip = {};
  app::GuessSettings guesses = {};
  const app::CallerTrust* trust = nullptr;  // null: everybody is trusted
};

class Application {
 public:
  // Starts the work in the background.
  explicit Application(const ApplicationParts& parts);
  // As Stop, without time for it.
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  rpc::UseCases use_cases();
  const app::CallerTrust& trust() const {
    return parts_.trust == nullptr ? everybody_ : *parts_.trust;
  }
  // Whether requests can be served: the store is well and policies are active.
  bool Ready() const;

  // No call may be under way any more. Finishes the letters in hand, gives budget leases back, and returns
  // when nothing runs any more. False when leases had to be left behind: another server recovers them.
  bool Stop(Deadline deadline);

 private:
  // Starts `work`; `running` is true until it has ended.
  void Run(Task<void> work, bool& running);
  void AwaitEnd(const bool& running);
  Task<void> RunCourier();

  const ApplicationParts parts_;
  adapters::SystemScheduler scheduler_;
  app::Keys keys_;
  app::LeasedBudgetLedger budgets_;
  app::BudgetWatch budget_watch_;
  app::CodePools pools_;
  const app::EverybodyTrusted everybody_{};
  app::GuessThrottle guesses_;
  app::VoucherGate gate_;
  std::optional<app::Dependencies> dependencies_;
  std::optional<app::Courier> courier_;
  std::optional<app::Incidents> incidents_;
  std::optional<app::Customers> customers_;
  std::optional<app::Vouchers> vouchers_;
  std::optional<app::Letters> letters_;
  std::optional<app::DeadEvents> dead_events_;
  std::optional<app::BreakerControl> breaker_control_;
  std::optional<app::BreakerWatch> breakers_;
  std::optional<app::BreakerDrip> drip_;
  std::optional<app::VoucherExpiry> expiry_;
  std::optional<app::EventDispatcher> dispatcher_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ledger_running_ = false;      // under mutex_
  bool courier_running_ = false;     // under mutex_
  bool expiry_running_ = false;      // under mutex_
  bool dispatcher_running_ = false;  // under mutex_
  bool pools_running_ = false;       // under mutex_
  bool watch_running_ = false;       // under mutex_
  bool breakers_running_ = false;    // under mutex_
  bool drip_running_ = false;        // under mutex_
  bool stopped_ = false;
  std::atomic<bool> stopping_{false};
};

}  // namespace kulanz::server
