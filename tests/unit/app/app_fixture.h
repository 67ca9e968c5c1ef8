// AppFixture: the use-cases over a MemoryStore, with a clock that stands still until a test moves it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/adapters/memory/memory_store.h"
#include "service/app/budget_ledger.h"
#include "service/app/customers.h"
#include "service/app/dependencies.h"
#include "service/app/incidents.h"
#include "service/app/keys.h"
#include "service/app/policy_holder.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/app/vouchers.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {

// Real time for deadlines, no pauses.
class TestScheduler final : public ports::Scheduler {
 public:
  Deadline Now() const override { return std::chrono::steady_clock::now(); }
  Task<void> Sleep(Duration) override { co_return; }
  bool stopping() const override { return false; }
};

// A budget of one process: exact, in memory. What the leases do is tested on its own.
class PlainBudgets final : public BudgetLedger {
 public:
  Task<Result<BudgetAnswer>> Take(engine::BudgetPeriod period, Money amount,
                                  Deadline deadline) override;
  std::int64_t held = 0;       // taken and not given back
  std::int64_t committed = 0;  // of these, known to be spent
  std::int64_t unknown = 0;
};

// A store that does to the next commits what the test says, and otherwise what `store` does.
class FaultyStore final : public ports::Store {
 public:
  enum class Fault { kNone, kLoseRequest, kLoseReply };
  explicit FaultyStore(ports::Store& store) : store_(store) {}

  // Called before each commit; may change the store under the caller's feet.
  std::function<Fault(const ports::Transaction&)> on_commit;
  // Likewise before each summary of an index.
  std::function<void(const ports::Key&)> on_summary;
  bool fail_summaries = false;

  std::uint32_t partition_count() const override { return store_.partition_count(); }
  Task<Result<std::vector<ports::Record>>> Read(std::vector<ports::Key> keys,
                                                Deadline deadline) override {
    return store_.Read(std::move(keys), deadline);
  }
  Task<Result<ports::CommitOutcome>> Commit(ports::Transaction transaction,
                                            Deadline deadline) override;
  Task<Result<std::vector<ports::IndexEntry>>> ReadIndex(ports::IndexRange range,
                                                         Deadline deadline) override {
    return store_.ReadIndex(std::move(range), deadline);
  }
  Task<Result<ports::IndexSummary>> SummarizeIndex(ports::Key index, Deadline deadline) override {
    if (on_summary) {
      on_summary(index);
    }
    if (fail_summaries) {
      return FailedSummary();
    }
    return store_.SummarizeIndex(index, deadline);
  }
  Task<Result<std::int64_t>> ReadCounter(ports::Key counter, Deadline deadline) override {
    return store_.ReadCounter(counter, deadline);
  }
  std::optional<Instant> Now() const override { return store_.Now(); }
  Status Health() const override { return store_.Health(); }

 private:
  static Task<Result<ports::IndexSummary>> FailedSummary() {
    co_return Status(Code::kUnavailable, "STORE_UNREACHABLE", "as the test says");
  }

  ports::Store& store_;
};

class AppFixture : public ::testing::Test {
 protected:
  // Policies: tests/unit/app/rules (late_delivery: 5 EUR from the first day, 10 EUR after three, at most
  // two in 90 days, once per order; out of a budget of 40 EUR a month).
  AppFixture();

  static Deadline Soon();
  static Money Eur(std::string_view number);

  Customer KnownCustomer(std::string id = "C-1");            // stored
  static Customer ACustomer(std::string id = "C-1");         // not stored
  Incident LateDelivery(std::string id, int days_late = 1);  // of C-1, now
  Result<DecidedIncident> Report(const Incident& incident);

  Instant now_ = *ParseInstant("2026-10-15T12:00:00Z");
  memory::MemoryStore memory_{{.partition_count = 16, .clock = [this] { return now_; }}};
  FaultyStore store_{memory_};
  TestScheduler scheduler_;
  ports::NullTelemetry telemetry_;
  ports::NullLog log_;
  PolicyHolder policies_;
  Keys keys_{16};
  RecordCodec codec_{HmacKey(std::string(32, 'm'))};
  VoucherSecrets secrets_;
  PlainBudgets budgets_;
  Dependencies dependencies_{.store = store_,
                             .scheduler = scheduler_,
                             .telemetry = telemetry_,
                             .log = log_,
                             .policies = policies_,
                             .keys = keys_,
                             .codec = codec_,
                             .secrets = secrets_,
                             .budgets = budgets_,
                             .courier = nullptr,
                             .intake = {},
                             .deliver_at_once = false};
  Incidents incidents_{dependencies_};
  Customers customers_{dependencies_};
  Vouchers vouchers_{dependencies_};
};

}  // namespace kulanz::app
