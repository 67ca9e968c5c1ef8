// Dead letters: listed page by page, explained, sent again.
#include "service/app/letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "service/app/customers.h"
#include "tests/simulation/courier_world.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using ports::DeliveryReport;
using ports::DeliveryResult;
using simulation::CourierWorld;
using std::chrono::seconds;

constexpr Deadline kWhenever = Deadline::max();

class LettersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CourierWorld::Replica& replica = world_.AddReplica();
    const Dependencies& sims = replica.dependencies;
    // The same, past the simulated network: answers come at once.
    direct_.reset(new Dependencies{.store = world_.database().store(),
                                   .scheduler = sims.scheduler,
                                   .telemetry = sims.telemetry,
                                   .log = sims.log,
                                   .policies = sims.policies,
                                   .keys = sims.keys,
                                   .codec = sims.codec,
                                   .secrets = sims.secrets,
                                   .budgets = sims.budgets,
                                   .courier = nullptr,
                                   .intake = {}});
    world_.office.answer = [this](const ports::Delivery& delivery) {
      DeliveryReport report;
      report.result = refused_.contains(delivery.incident.id.text())
                          ? DeliveryResult::kUndeliverable
                          : DeliveryResult::kAccepted;
      if (report.result == DeliveryResult::kUndeliverable) {
        report.reason = "SMTP_550";
        report.address_refused = true;
      }
      return report;
    };
  }

  // Grants incidents whose letters are refused.
  void GrantDead(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      const std::string incident = "I-" + std::to_string(i);
      refused_.insert(incident);
      world_.Grant(incident);
    }
    world_.world().RunFor(seconds{20});
  }

  Letters letters() const { return Letters(*direct_); }
  // Every dead letter, by pages of that size.
  std::vector<Letter> ListAll(std::uint32_t page_size) {
    std::vector<Letter> all;
    std::string token;
    do {
      auto page = SyncWait(letters().ListDead(page_size, token, kWhenever));
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return all;
      EXPECT_LE(page->letters.size(), page_size);
      std::move(page->letters.begin(), page->letters.end(), std::back_inserter(all));
      token = page->next_page_token;
    } while (!token.empty());
    return all;
  }
  Customer CustomerOf(const std::string& incident) {
    const ports::Key key = world_.keys().Profile(CustomerId("C-" + incident));
    return *world_.codec().DecodeCustomer(key, world_.RecordOf(key).value);
  }

  CourierWorld world_{1};
  std::set<std::string> refused_;
  std::unique_ptr<Dependencies> direct_;
};

TEST_F(LettersTest, EveryDeadLetterIsListedOnceWhateverThePage) {
  world_.Grant("I-alive");
  GrantDead(0, 30);
  for (const std::uint32_t page : {1U, 7U, 30U, 100U}) {
    std::set<std::string> incidents;
    for (const Letter& letter : ListAll(page)) {
      EXPECT_TRUE(incidents.insert(letter.incident.text()).second) << letter.incident.text();
      EXPECT_EQ(letter.delivery.state, DeliveryState::kDead);
    }
    EXPECT_EQ(incidents, refused_);
  }
  EXPECT_EQ(SyncWait(letters().ListDead(1'000, "", kWhenever))->letters.size(), 30U);
}

TEST_F(LettersTest, ALetterSaysWhyWhenAndAtWhichAttempt) {
  GrantDead(0, 1);
  const std::vector<Letter> all = ListAll(10);
  ASSERT_EQ(all.size(), 1U);
  ASSERT_OK_AND_ASSIGN(const Letter letter, SyncWait(letters().Get(all[0].id, kWhenever)));
  EXPECT_EQ(letter.incident.text(), "I-0");
  EXPECT_EQ(letter.customer.text(), "C-I-0");
  EXPECT_EQ(letter.message, "late-delivery");
  EXPECT_EQ(letter.delivery.attempts, 1U);
  EXPECT_EQ(letter.delivery.last_error, "SMTP_550");
  EXPECT_GE(letter.delivery.updated_at, letter.decided_at);
  EXPECT_THAT(letter.explanation, ::testing::HasSubstr("address"));
}

TEST_F(LettersTest, OnceMoreWithAllItsAttempts) {
  GrantDead(0, 1);
  const std::string id = ListAll(10).at(0).id;
  const auto voucher = [this] { return world_.VoucherOf("I-0"); };
  refused_.clear();
  ASSERT_OK_AND_ASSIGN(const Letter sent, SyncWait(letters().Resend(id, kWhenever)));
  EXPECT_EQ(sent.delivery.state, DeliveryState::kPending);
  EXPECT_EQ(sent.delivery.attempts, 0U);
  EXPECT_TRUE(ListAll(10).empty());
  EXPECT_THAT(SyncWait(letters().Resend(id, kWhenever)), IsOk()) << "it is on its way";
  world_.world().RunFor(seconds{20});
  EXPECT_EQ(voucher().delivery.state, DeliveryState::kSent);
  EXPECT_EQ(world_.office.items.size(), 2U) << "however often it was asked for";
  EXPECT_EQ(world_.office.items[0].delivery.id, world_.office.items[1].delivery.id);
  EXPECT_THAT(SyncWait(letters().Resend(id, kWhenever)).status(),
              StatusIs(Code::kFailedPrecondition, "LETTER_SENT"));
}

TEST_F(LettersTest, OneThatDiesAgainIsListedAgain) {
  GrantDead(0, 1);
  const std::string id = ListAll(10).at(0).id;
  EXPECT_THAT(SyncWait(letters().Resend(id, kWhenever)), IsOk());
  world_.world().RunFor(seconds{20});
  EXPECT_EQ(ListAll(10).size(), 1U);
}

TEST_F(LettersTest, WhatWasRevokedMeanwhileIsNeitherListedNorSent) {
  GrantDead(0, 1);
  const std::string id = ListAll(10).at(0).id;
  StoredVoucher voucher = world_.VoucherOf("I-0");
  voucher.state = VoucherState::kRevoked;
  const ports::Key key = world_.VoucherKey("I-0");
  world_.Put(key, world_.codec().Encode(key, voucher));
  EXPECT_TRUE(ListAll(10).empty());
  EXPECT_THAT(SyncWait(letters().Resend(id, kWhenever)).status(),
              StatusIs(Code::kFailedPrecondition, "LETTER_WITHDRAWN"));
}

TEST_F(LettersTest, AnApologyWithoutAVoucherIsALetterToo) {
  CourierWorld::Issue issue;
  issue.apology = true;
  refused_.insert("I-0");
  world_.Grant("I-0", issue);
  world_.world().RunFor(seconds{20});
  const std::vector<Letter> all = ListAll(10);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].id.front(), 'A');
  refused_.clear();
  EXPECT_THAT(SyncWait(letters().Resend(all[0].id, kWhenever)), IsOk());
  world_.world().RunFor(seconds{20});
  EXPECT_EQ(world_.ApologyOf("I-0").delivery.state, DeliveryState::kSent);
}

TEST_F(LettersTest, IdsAndTokensThatNobodyGaveAreRefused) {
  GrantDead(0, 3);
  const std::string id = ListAll(10).at(0).id;
  for (const std::string& wrong : {std::string(), std::string("D"), "X" + id.substr(1), id + "0",
                                   "D" + std::string(36, 'f'), "A" + id.substr(1)}) {
    EXPECT_THAT(SyncWait(letters().Get(wrong, kWhenever)).status(),
                StatusIs(Code::kNotFound, "LETTER_NOT_FOUND"));
    EXPECT_THAT(SyncWait(letters().Resend(wrong, kWhenever)).status(),
                StatusIs(Code::kNotFound, "LETTER_NOT_FOUND"));
  }
  std::string token = SyncWait(letters().ListDead(1, "", kWhenever))->next_page_token;
  ASSERT_FALSE(token.empty());
  token.back() = token.back() == '0' ? '1' : '0';
  for (const std::string& wrong : {std::string("x"), token}) {
    EXPECT_THAT(SyncWait(letters().ListDead(1, wrong, kWhenever)).status(),
                StatusIs(Code::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  }
}

TEST_F(LettersTest, ARefusedAddressIsNotedUntilThereIsAnother) {
  GrantDead(0, 1);
  ASSERT_TRUE(CustomerOf("I-0").email_refused_at.has_value());
  Customers customers(*direct_);
  Customer customer = CustomerOf("I-0");
  customer.email_refused_at.reset();
  customer.segment = "gold";
  EXPECT_THAT(SyncWait(customers.Upsert(customer, {}, kWhenever)), IsOk());
  EXPECT_TRUE(CustomerOf("I-0").email_refused_at.has_value()) << "the address is the same";
  EXPECT_EQ(CustomerOf("I-0").segment, "gold");
  customer.email = "another@example.com";
  customer.email_refused_at = Instant{} + seconds{1};  // nobody but Kulanz says so
  EXPECT_THAT(SyncWait(customers.Upsert(customer, {}, kWhenever)), IsOk());
  EXPECT_FALSE(CustomerOf("I-0").email_refused_at.has_value());
}

TEST_F(LettersTest, AnAddressThatWasReplacedMeanwhileIsNotBlamed) {
  world_.Grant("I-0");
  SyncWait(MarkEmailRefused(*direct_, CustomerId("C-I-0"), "before@example.com",
                            world_.world().wall(), kWhenever));
  EXPECT_FALSE(CustomerOf("I-0").email_refused_at.has_value());
  SyncWait(MarkEmailRefused(*direct_, CustomerId("C-nobody"), "a@example.com",
                            world_.world().wall(), kWhenever));
}

TEST(DeliveryErrorTest, EveryReasonMeansSomething) {
  EXPECT_EQ(ExplainDeliveryError(""), "");
  std::set<std::string> said;
  for (const char* reason :
       {"NO_ADDRESS", "SMTP_550", "SMTP_554", "SMTP_451", "SMTP_571", "WEBHOOK_DISABLED",
        "WEBHOOK_SECRET_FILE", "WEBHOOK_UNREACHABLE", "HTTP_302", "SMTP_RELAY_DENIED",
        "ATTEMPTS_EXHAUSTED", "SOMETHING_NEW"}) {
    EXPECT_TRUE(said.insert(ExplainDeliveryError(reason)).second) << reason;
  }
}

}  // namespace
}  // namespace kulanz::app
