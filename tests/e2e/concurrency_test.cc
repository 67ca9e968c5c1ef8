// What must hold however many ask at once: several clients, two server processes, one Redis, and a
// server that is killed in the middle.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/base/status.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;

constexpr int kClients = 8;

// Calls work(client, i) for i of 0 .. count - 1, shared out over clients that start together.
void AtOnce(int count, const std::function<void(int client, int i)>& work) {
  std::atomic<int> next{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      for (int i = next++; i < count; i = next++) {
        work(client, i);
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
}

bool MayBeRepeated(const grpc::Status& status) {
  return status.error_code() == grpc::UNAVAILABLE ||
         status.error_code() == grpc::DEADLINE_EXCEEDED || status.error_code() == grpc::CANCELLED;
}

// What all clients together were answered.
struct Tally {
  std::mutex mutex;
  int granted = 0;
  int replayed = 0;
  std::map<std::string, int> reasons;
  std::set<std::string> codes;
  std::vector<std::string> errors;

  void Add(const Answer<v1::ReportIncidentResponse>& answer) {
    const std::lock_guard lock(mutex);
    if (!answer.ok()) {
      errors.push_back(Reason(answer.status) + ": " + answer.status.error_message());
      return;
    }
    const v1::Decision& decision = answer->decision();
    ++reasons[decision.reason()];
    replayed += answer->replayed() ? 1 : 0;
    if (decision.outcome() == v1::OUTCOME_GRANTED) {
      ++granted;
      codes.insert(decision.voucher().code());
    }
  }
};

class TwoServers : public ::testing::Test {
 protected:
  void Start(bool deliveries) {
    for (auto& server : servers_) {
      server = std::make_unique<ServerProcess>(store_.ServerArguments(deliveries));
      ASSERT_TRUE(server->AwaitServing());
    }
    for (int client = 0; client < kClients; ++client) {
      clients_.push_back(
          std::make_unique<Api>(servers_.at(static_cast<std::size_t>(client % 2))->NewChannel()));
    }
  }

  // As a client that knows its trade: what may be repeated is, against the other server when one is gone.
  Answer<v1::ReportIncidentResponse> ReportUntilAnswered(int client, const v1::Incident& incident) {
    for (int attempt = 0;; ++attempt) {
      auto answer =
          clients_.at(static_cast<std::size_t>((client + attempt) % kClients))->Report(incident);
      if (!MayBeRepeated(answer.status) || attempt >= 400) {
        return answer;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{25});
    }
  }

  SharedStore store_;
  std::array<std::unique_ptr<ServerProcess>, 2> servers_;
  std::vector<std::unique_ptr<Api>> clients_;
};

TEST_F(TwoServers, TheSameIncidentTwoHundredTimesIsOneVoucherAndOneLetter) {
  ASSERT_NO_FATAL_FAILURE(Start(true));
  ASSERT_EQ(Reason(clients_[0]->Upsert(ACustomer()).status), "OK");
  const auto incident = LateDelivery("I-1");
  Tally tally;
  AtOnce(200, [&](int client, int) { tally.Add(ReportUntilAnswered(client, incident)); });
  EXPECT_THAT(tally.errors, ::testing::IsEmpty());
  EXPECT_EQ(tally.granted, 200);
  EXPECT_EQ(tally.codes.size(), 1U);
  EXPECT_EQ(tally.replayed, 199);
  // Once its letter is recorded as sent, nothing is left that could send another.
  EXPECT_TRUE(Eventually([&] {
    const auto decision = clients_[0]->GetDecision("I-1");
    return decision.ok() && decision->voucher().delivery().state() == v1::DELIVERY_STATE_SENT;
  })) << servers_[0]->log();
  EXPECT_EQ(store_.letters(), 1U);
  EXPECT_EQ(clients_[0]->List("C-1", 0, "")->decisions_size(), 1);
}

TEST_F(TwoServers, ThatHoldsWhenAServerIsKilledInTheMiddle) {
  ASSERT_NO_FATAL_FAILURE(Start(true));
  ASSERT_EQ(Reason(clients_[0]->Upsert(ACustomer()).status), "OK");
  Tally tally;
  std::atomic<int> answered{0};
  const auto first = LateDelivery("I-1");
  const auto second = LateDelivery("I-2");
  AtOnce(200, [&](int client, int i) {
    if (i == 60) {
      servers_[1]->Signal(SIGKILL);
    }
    tally.Add(ReportUntilAnswered(client, i % 2 == 0 ? first : second));
    ++answered;
  });
  EXPECT_THAT(tally.errors, ::testing::IsEmpty());
  EXPECT_EQ(tally.granted, 200);
  EXPECT_EQ(tally.codes.size(), 2U);
  // The answer to a first report may have died with the server: its repetition then counts as replayed.
  EXPECT_GE(tally.replayed, 198);
  EXPECT_EQ(servers_[1]->AwaitExit(), 128 + SIGKILL);
  // A letter that the dead server had claimed is sent by the other once the claim has run out.
  EXPECT_TRUE(Eventually([&] { return store_.letters() == 2; }, std::chrono::seconds{90}));
  EXPECT_EQ(clients_[0]->List("C-1", 0, "")->decisions_size(), 2);
}

TEST_F(TwoServers, FiftyIncidentsOfOneCustomerGetNoMoreThanTheLimit) {
  ASSERT_NO_FATAL_FAILURE(Start(false));
  ASSERT_EQ(Reason(clients_[0]->Upsert(ACustomer()).status), "OK");
  Tally tally;
  AtOnce(50, [&](int client, int i) {
    tally.Add(ReportUntilAnswered(client, LateDelivery("I-" + std::to_string(i))));
  });
  EXPECT_THAT(tally.errors, ::testing::IsEmpty());
  EXPECT_EQ(tally.granted, 2);
  EXPECT_EQ(tally.reasons["CUSTOMER_LIMIT"], 48);
}

TEST_F(TwoServers, ABudgetOfAThousandIsTwoHundredTimesFive) {
  ASSERT_NO_FATAL_FAILURE(Start(false));
  std::vector<v1::Customer> customers;
  for (int i = 0; i < 100; ++i) {
    customers.push_back(ACustomer("C-" + std::to_string(i)));
  }
  ASSERT_EQ(Reason(clients_[0]->Import(customers).status), "OK");
  Tally tally;
  AtOnce(500, [&](int client, int i) {
    tally.Add(ReportUntilAnswered(
        client, Outage("I-" + std::to_string(i), "C-" + std::to_string(i % 100))));
  });
  EXPECT_THAT(tally.errors, ::testing::IsEmpty());
  EXPECT_EQ(tally.granted, 200);
  EXPECT_EQ(tally.codes.size(), 200U);
  EXPECT_EQ(tally.reasons["BUDGET_EXHAUSTED"], 300);
}

}  // namespace
}  // namespace kulanz::e2e
