// Every voucher's letter arrives, whatever happens to the servers and to the mail server.
//
// KULANZ_MAIL_FAULTS=10000: so many vouchers (default: as many as fit into every run).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "tests/e2e/mail_fleet.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::MailServer;

constexpr std::chrono::seconds kBetweenKills{3};
constexpr std::size_t kKillsMin = 4;
constexpr std::chrono::minutes kPatience{20};

std::size_t Vouchers() {
  const char* number = std::getenv("KULANZ_MAIL_FAULTS");
  return number == nullptr ? 300 : std::stoul(number);
}

// Customers whose incident is withdrawn before its letter is due; every other outage is told.
bool IsOutage(std::size_t customer) { return customer % 10 == 7; }
bool IsWithdrawn(std::size_t customer) { return customer % 20 == 7; }
// Customers whose address does not exist: the mail server refuses it for good.
bool IsGone(std::size_t customer) { return customer % 50 == 3; }

// Of every outcome, which customers have it.
struct Expected {
  std::set<std::string> awaited;  // addresses
  std::size_t dead = 0;
};

Expected Expect(std::size_t customers) {
  Expected expected;
  for (std::size_t i = 0; i < customers; ++i) {
    if (IsGone(i)) {
      ++expected.dead;
    } else if (!IsWithdrawn(i)) {
      expected.awaited.insert(MailFleet::AddressOf(i));
    }
  }
  return expected;
}

class MailFaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = MailServer::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
  }

  // Reports one incident for each customer, from some threads; gives the codes in their order.
  static std::vector<std::string> ReportAll(MailFleet& fleet, std::size_t customers) {
    constexpr std::size_t kThreads = 4;
    std::vector<std::string> codes(customers);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < customers; i += kThreads) {
          const std::string incident = "I-" + std::to_string(i);
          const std::string customer = "C-" + std::to_string(i);
          codes[i] = fleet.CodeFor(
              IsOutage(i) ? Outage(incident, customer) : LateDelivery(incident, customer), t);
          EXPECT_FALSE(codes[i].empty()) << incident;
          if (IsWithdrawn(i)) {
            EXPECT_TRUE(fleet.Withdraw(incident));
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return codes;
  }

  static std::unordered_set<std::string> Symbols(const std::vector<std::string>& codes) {
    std::unordered_set<std::string> symbols;
    for (const std::string& code : codes) symbols.insert(SymbolsOf(code));
    EXPECT_EQ(symbols.size(), codes.size()) << "each voucher has a code of its own";
    return symbols;
  }

  static bool IsDead(MailFleet& fleet, const std::string& code) {
    return Eventually(
        [&] {
          const auto voucher = fleet.server(0)->api().GetVoucher(code);
          return voucher.ok() && voucher->delivery().state() == v1::DELIVERY_STATE_DEAD &&
                 voucher->delivery().last_error() == "SMTP_550";
        },
        std::chrono::minutes(1));
  }
};

TEST_F(MailFaultsTest, EveryLetterArrivesWhileServersAreKilledAndTheMailServerFails) {
  const std::size_t customers = Vouchers();
  MailFleet fleet(3, {"--smtp-timeout", "2s", "--delivery-retry-first", "200ms",
                      "--delivery-retry-max", "2s", "--delivery-attempts", "200"});
  ASSERT_TRUE(fleet.AwaitServing());
  for (std::size_t first = 0; first < customers; first += 500) {
    ASSERT_TRUE(fleet.ImportCustomers(first, std::min<std::size_t>(500, customers - first)));
  }
  fleet.mail().Command("random 20");
  for (std::size_t i = 0; i < customers; ++i) {
    if (IsGone(i)) fleet.mail().Command("unknown " + MailFleet::AddressOf(i));
  }
  const Expected expected = Expect(customers);
  const auto missing = [&] {
    std::set<std::string> left = expected.awaited;
    for (const MailServer::Entry& entry : fleet.mail().Index()) left.erase(entry.recipient);
    return left.size();
  };
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::string> codes;
  std::atomic<bool> reported{false};
  std::thread reporter([&] {
    codes = ReportAll(fleet, customers);
    reported = true;
  });
  // One every few seconds, until nearly everything has arrived. On this thread: a process dies with the
  // thread that started it.
  std::size_t kills = 0;
  std::size_t left = missing();
  while ((left > customers / 50 || !reported || kills < kKillsMin) &&
         std::chrono::steady_clock::now() < begin + kPatience) {
    EXPECT_TRUE(fleet.Replace(kills % fleet.size()));
    ++kills;
    const auto next = std::chrono::steady_clock::now() + kBetweenKills;
    Eventually([&] { return std::chrono::steady_clock::now() >= next; }, kBetweenKills);
    left = missing();
  }
  reporter.join();
  while (missing() > 0 && std::chrono::steady_clock::now() < begin + kPatience) {
    poll(nullptr, 0,
         100);  // the index is long: reading it must not take the processor from the others
  }
  EXPECT_EQ(missing(), 0U) << "letters never arrived";
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin);

  std::map<std::string, std::set<std::string>> ids;  // by recipient
  std::size_t unconfirmed = 0;
  const auto index = fleet.mail().Index();
  for (const MailServer::Entry& entry : index) {
    EXPECT_TRUE(expected.awaited.contains(entry.recipient)) << "withdrawn: " << entry.recipient;
    ids[entry.recipient].insert(entry.message_id);
    unconfirmed += entry.confirmed ? 0 : 1;
  }
  std::set<std::string> distinct;
  for (const auto& [recipient, of_one] : ids) {
    EXPECT_EQ(of_one.size(), 1U) << "a duplicate must be recognisable: " << recipient;
    distinct.insert(of_one.begin(), of_one.end());
  }
  EXPECT_EQ(distinct.size(), ids.size()) << "and no two letters may look like one";
  for (std::size_t i = 0; i < customers; ++i) {
    if (IsGone(i)) {
      EXPECT_TRUE(IsDead(fleet, codes[i])) << "I-" << i;
    }
  }
  const std::size_t duplicates = index.size() - ids.size();
  const std::string logs = fleet.AllLogs();
  std::printf(
      "%zu letters, %zu dead, %zu duplicates (%zu answers were swallowed), %zu kills, %d "
      "connections, %.0f s, %zu bytes of log\n",
      ids.size(), expected.dead, duplicates, unconfirmed, kills, fleet.mail().Connections(),
      took.count(), logs.size());
  // In a small run a single unlucky kill would be more than a hundredth.
  EXPECT_LT(duplicates, std::max<std::size_t>(customers / 100, 15));
  EXPECT_FALSE(logs.empty());
  EXPECT_EQ(CodesIn(logs, Symbols(codes)), 0U) << "a voucher code is in a log";
  EXPECT_EQ(logs.find("@example.org"), std::string::npos) << "an address is in a log";
}

}  // namespace
}  // namespace kulanz::e2e
