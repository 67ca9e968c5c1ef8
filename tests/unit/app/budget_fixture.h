// BudgetFixture: ledgers over a simulated store, asked one question at a time.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "service/app/budget_leases.h"
#include "tests/simulation/budget_world.h"

namespace kulanz::app {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Replica = simulation::BudgetWorld::Replica;
using HoldPtr = std::unique_ptr<BudgetHold>;

inline constexpr ports::PartitionId kSomewhere{3};

class BudgetFixture : public ::testing::Test {
 protected:
  explicit BudgetFixture(std::int64_t cap = 1'000) : world_(1, cap) {}

  // The answer, as soon as there is one.
  Result<BudgetAnswer> Take(Replica& replica, std::int64_t amount,
                            std::optional<std::int64_t> cap = std::nullopt) {
    engine::BudgetPeriod period = world_.Period();
    const Currency currency = period.cap.currency();
    period.cap = *Money::FromMinorUnits(cap.value_or(world_.cap()), currency);
    std::optional<Result<BudgetAnswer>> result;
    const Money money = *Money::FromMinorUnits(amount, currency);
    SpawnThen(replica.ledger->Take(period, money, world_.world().now() + seconds{1}),
              [&](Result<BudgetAnswer> answer) { result.emplace(std::move(answer)); });
    world_.world().RunUntil([&] { return result.has_value(); }, seconds{5});
    return result ? std::move(*result) : Result<BudgetAnswer>(Status(Code::kUnknown, "STUCK", ""));
  }
  // The hold of a grant; null, with a failure, when it was none.
  HoldPtr Hold(Replica& replica, std::int64_t amount) {
    Result<BudgetAnswer> answer = Take(replica, amount);
    if (!answer.ok() || !std::holds_alternative<HoldPtr>(*answer)) {
      ADD_FAILURE() << "no grant of " << amount << ": "
                    << (answer.ok() ? "exhausted" : answer.status().ToString());
      return nullptr;
    }
    return std::move(std::get<HoldPtr>(*answer));
  }
  bool IsExhausted(Replica& replica, std::int64_t amount) {
    Result<BudgetAnswer> answer = Take(replica, amount);
    return answer.ok() && std::holds_alternative<BudgetExhausted>(*answer);
  }
  // Applies the hold's write at once, whatever becomes of the process.
  ports::CommitOutcome Apply(BudgetHold& hold, ports::PartitionId partition = kSomewhere) {
    ports::Transaction transaction;
    transaction.partition = partition;
    hold.SpendIn(transaction);
    return *world_.database().Apply(transaction);
  }
  void Spend(Replica& replica, std::int64_t amount) {
    if (const HoldPtr hold = Hold(replica, amount)) {
      Apply(*hold);
      hold->Committed();
    }
  }
  bool Shutdown(Replica& replica) {
    std::optional<bool> settled;
    SpawnThen(replica.ledger->Shutdown(world_.world().now() + seconds{2}),
              [&](bool result) { settled = result; });
    world_.world().RunUntil([&] { return settled.has_value(); }, seconds{5});
    return settled.value_or(false);
  }
  int Events(const std::string& event) { return world_.telemetry.budget_events[event]; }

  simulation::BudgetWorld world_;
};

}  // namespace kulanz::app
