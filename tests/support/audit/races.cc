#include "tests/support/audit/races.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <string>
#include <thread>

#include "tests/support/audit/audited_server.h"

namespace kulanz::audit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kThreads = 32;
// Rounds that no other load of a test reaches.
constexpr int kVoucherRound = AuditedSetup::kRounds - 1;
constexpr int kLimitRound = AuditedSetup::kRounds - 2;
constexpr int kBudgetRound = AuditedSetup::kRounds - 3;

// On all threads, from the same moment on.
void Race(const std::function<void(std::size_t)>& run) {
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      run(thread);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

// Calls until the answer is not one that should be repeated.
template <typename R>
R Persist(const std::function<R(Deadline)>& call, const std::function<Code(const R&)>& code) {
  const auto give_up = Clock::now() + std::chrono::seconds(60);
  for (;;) {
    R result = call(Clock::now() + std::chrono::seconds(5));
    if (!IsToBeRepeated(code(result)) || Clock::now() > give_up) {
      return result;
    }
    std::this_thread::yield();
  }
}

Status PersistStatus(const std::function<Status(Deadline)>& call) {
  return Persist<Status>(call, [](const Status& status) { return status.code(); });
}

void AddCustomer(const Racers& racers, const std::string& id) {
  Customer customer;
  customer.id = CustomerId(id);
  customer.email = "zoe@example.com";
  const Status upserted = PersistStatus(
      [&](Deadline deadline) { return racers.servers.front()->Upsert(customer, deadline); });
  EXPECT_TRUE(upserted.ok()) << upserted.ToString();
}

// Reports at the server with this number, and tells the auditor. The code; empty: no voucher.
std::string Report(const Racers& racers, std::size_t server, int round, const std::string& id,
                   const std::string& customer) {
  Incident incident;
  incident.id = IncidentId(id);
  incident.customer = CustomerId(customer);
  incident.type = AuditedSetup::TypeOf(round);
  incident.occurred_at = racers.occurred_at;
  incident.order = Order{OrderId("O-" + id), std::nullopt, std::nullopt};
  incident.attributes = {{"cause", std::string("carrier")}};
  const auto decided = Persist<Result<AnsweredDecision>>(
      [&](Deadline deadline) {
        return racers.servers[server % racers.servers.size()]->Report(incident, deadline);
      },
      [](const Result<AnsweredDecision>& result) { return result.status().code(); });
  if (!decided.ok()) {
    ADD_FAILURE() << decided.status().ToString();
    return "";
  }
  racers.auditor.Decided({id, customer, "round " + std::to_string(round), "carrier"}, *decided);
  return decided->code;
}

}  // namespace

void RaceForOneVoucher(const Racers& racers) {
  AddCustomer(racers, "voucher-C");
  std::vector<std::string> codes(kThreads);
  Race([&](std::size_t thread) {
    codes[thread] = Report(racers, thread, kVoucherRound, "voucher-I", "voucher-C");
  });
  const std::string& code = codes.front();
  EXPECT_FALSE(code.empty());
  EXPECT_EQ(codes, std::vector<std::string>(kThreads, code));

  std::atomic<int> redeemed{0};
  Race([&](std::size_t thread) {
    app::RedeemRequest request;
    request.code = code;
    request.customer = CustomerId("voucher-C");
    request.redemption = RedemptionId("R-" + std::to_string(thread));
    request.order = OrderId("cart " + std::to_string(thread));
    const Status status = PersistStatus([&](Deadline deadline) {
      return racers.servers[thread % racers.servers.size()]->Redeem(request, deadline);
    });
    if (status.ok()) {
      redeemed.fetch_add(1);
      racers.auditor.Redeemed(code, request.redemption.text());
    } else {
      EXPECT_EQ(status.reason(), "VOUCHER_REDEEMED") << status.ToString();
      racers.auditor.RefusedAsRedeemed(code, request.redemption.text());
    }
  });
  EXPECT_EQ(redeemed.load(), 1);
}

void RaceForOneLimit(const Racers& racers) {
  AddCustomer(racers, "limit-C");
  std::atomic<std::size_t> granted{0};
  Race([&](std::size_t thread) {
    const std::string code =
        Report(racers, thread, kLimitRound, "limit-I-" + std::to_string(thread), "limit-C");
    granted.fetch_add(code.empty() ? 0 : 1);
  });
  EXPECT_EQ(granted.load(), AuditedSetup::kRules.vouchers_per_customer);
}

void RaceForOneBudget(const Racers& racers) {
  constexpr std::size_t kEach = 4;
  constexpr auto kVouchers =
      static_cast<int>(AuditedSetup::kRules.budget_cap / AuditedSetup::kRules.amount);
  static_assert(kThreads * kEach > kVouchers);
  for (std::size_t customer = 0; customer < kThreads * kEach; ++customer) {
    AddCustomer(racers, "budget-C-" + std::to_string(customer));
  }
  std::atomic<int> granted{0};
  Race([&](std::size_t thread) {
    for (std::size_t number = thread * kEach; number < (thread + 1) * kEach; ++number) {
      const std::string text = std::to_string(number);
      const std::string code =
          Report(racers, number, kBudgetRound, "budget-I-" + text, "budget-C-" + text);
      granted.fetch_add(code.empty() ? 0 : 1);
    }
  });
  EXPECT_EQ(granted.load(), kVouchers);
}

}  // namespace kulanz::audit
