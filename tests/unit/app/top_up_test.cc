// Incidents::Report with revisions: a fault that grew is decided anew, and only the difference is given.

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <utility>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

class TopUpTest : public AppFixture {
 protected:
  // The incident "a": one day late gives 5.00, from three days on 10.00.
  Incident Revision(std::uint32_t revision, int days_late) {
    Incident incident = LateDelivery("a", days_late);
    incident.revision = revision;
    return incident;
  }
  Result<DecidedIncident> Get(std::optional<std::uint32_t> revision = std::nullopt) {
    return SyncWait(incidents_.Get(IncidentId("a"), revision, Soon()));
  }
  History StoredHistory() {
    const ports::Key key = keys_.HistoryOf(CustomerId("C-1"));
    std::vector<ports::Key> wanted = {key};
    const auto records = SyncWait(memory_.Read(wanted, Soon()));
    return *codec_.DecodeHistory(key, records->front().value);
  }
};

TEST_F(TopUpTest, OnlyTheDifferenceIsGivenAsAVoucherOfItsOwn) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident first, Report(Revision(0, 1)));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident second, Report(Revision(1, 4)));
  ASSERT_TRUE(second.voucher.has_value());
  EXPECT_FALSE(second.replayed);
  EXPECT_EQ(second.voucher->terms.amount, Eur("5.00"));
  EXPECT_EQ(second.decision.given_before, Eur("5.00"));
  EXPECT_NE(second.code, first.code);
  EXPECT_EQ(budgets_.committed, 1000) << "the budget counts the difference";
  const History history = StoredHistory();
  ASSERT_EQ(history.gestures.size(), 1U) << "one incident is one gesture";
  EXPECT_EQ(history.gestures[0].amount, Eur("10.00"));
}

TEST_F(TopUpTest, EveryRevisionIsRepeatedToItsOwnAnswer) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident first, Report(Revision(0, 1)));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident second, Report(Revision(1, 4)));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident first_again, Report(Revision(0, 1)));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident second_again, Report(Revision(1, 4)));
  EXPECT_TRUE(first_again.replayed);
  EXPECT_EQ(first_again.decision, first.decision);
  EXPECT_EQ(first_again.code, first.code);
  EXPECT_TRUE(second_again.replayed);
  EXPECT_EQ(second_again.decision, second.decision);
  EXPECT_EQ(second_again.code, second.code);
  EXPECT_EQ(second_again.voucher, second.voucher);
  EXPECT_EQ(budgets_.held, 1000);
}

TEST_F(TopUpTest, WhatComesToNoMoreIsDeniedAndRecorded) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 4)), IsOk());
  for (const int days_late : {4, 1}) {  // as much again, and less: nothing is clawed back
    const auto revision = static_cast<std::uint32_t>(days_late);
    ASSERT_OK_AND_ASSIGN(const DecidedIncident denied, Report(Revision(revision, days_late)));
    EXPECT_EQ(denied.decision.outcome, Outcome::kDenied);
    EXPECT_EQ(denied.decision.reason, reason::kNothingToAdd);
    EXPECT_FALSE(denied.voucher.has_value());
    ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Report(Revision(revision, days_late)));
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.decision, denied.decision);
  }
  EXPECT_EQ(budgets_.held, 1000);
}

TEST_F(TopUpTest, ALateLowerRevisionIsDecidedOnceToo) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident third, Report(Revision(3, 4)));
  EXPECT_EQ(third.voucher->terms.amount, Eur("10.00"));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident late, Report(Revision(1, 1)));
  EXPECT_EQ(late.decision.reason, reason::kNothingToAdd);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Report(Revision(3, 4)));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.code, third.code);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident latest, Get());
  EXPECT_EQ(latest.decision.incident.revision, 3U);
}

TEST_F(TopUpTest, GetGivesTheLatestRevisionOrTheOneAskedFor) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident second, Report(Revision(2, 4)));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident latest, Get());
  EXPECT_EQ(latest.decision, second.decision);
  EXPECT_EQ(latest.code, second.code);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident first, Get(0));
  EXPECT_EQ(first.decision.incident.revision, 0U);
  EXPECT_EQ(first.voucher->terms.amount, Eur("5.00"));
  EXPECT_THAT(Get(1), StatusIs(Code::kNotFound, "DECISION_NOT_FOUND"));
}

TEST_F(TopUpTest, ListShowsEveryRevisionWithItsVoucher) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  ASSERT_THAT(Report(Revision(1, 4)), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecisionPage page,
                       SyncWait(incidents_.List(CustomerId("C-1"), 0, "", Soon())));
  ASSERT_EQ(page.decisions.size(), 2U);
  std::int64_t sum = 0;
  for (const DecidedIncident& decided : page.decisions) {
    ASSERT_TRUE(decided.voucher.has_value());
    ASSERT_TRUE(decided.code.has_value());
    sum += decided.voucher->remaining.minor_units();
  }
  EXPECT_EQ(sum, 1000);
}

TEST_F(TopUpTest, TheSameRevisionWithOtherFactsIsRefused) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  ASSERT_THAT(Report(Revision(1, 2)), IsOk());
  const auto refused = Report(Revision(1, 4));
  ASSERT_THAT(refused, StatusIs(Code::kAlreadyExists, "INCIDENT_CONFLICT"));
  EXPECT_EQ(refused.status().metadata().at("fields"), "incident.attributes[\"promised_at\"]");
  const auto first = Report(Revision(0, 4));
  ASSERT_THAT(first, StatusIs(Code::kAlreadyExists, "INCIDENT_CONFLICT"));
}

TEST_F(TopUpTest, WhatMakesTheIncidentTheSameOneMustStay) {
  KnownCustomer("C-1");
  KnownCustomer("C-2");
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  const auto fields = [this](auto change) {
    Incident incident = Revision(1, 4);
    incident.reporter = Reporter::kCustomer;  // may differ
    change(incident);
    const auto refused = Report(incident);
    EXPECT_THAT(refused, StatusIs(Code::kAlreadyExists, "INCIDENT_CONFLICT"));
    return refused.status().metadata().at("fields");
  };
  EXPECT_EQ(fields([](Incident& i) { i.customer = CustomerId("C-2"); }), "incident.customer_id");
  EXPECT_EQ(fields([](Incident& i) { i.occurred_at -= Duration{1}; }), "incident.occurred_at");
  EXPECT_EQ(fields([](Incident& i) { i.order->id = OrderId("O-z"); }), "incident.order");
  EXPECT_EQ(budgets_.held, 500);
}

TEST_F(TopUpTest, ALostReplyOfATopUpIsRepeatedToTheSameVoucher) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  for (const auto fault : {FaultyStore::Fault::kLoseRequest, FaultyStore::Fault::kLoseReply}) {
    bool done = false;
    store_.on_commit = [&done, fault](const ports::Transaction& transaction) {
      const bool deciding = transaction.not_after.has_value() && !std::exchange(done, true);
      return deciding ? fault : FaultyStore::Fault::kNone;
    };
    const auto answer = Report(Revision(1, 4));
    EXPECT_THAT(answer, StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
    if (fault == FaultyStore::Fault::kLoseRequest) {
      EXPECT_THAT(Get(1), StatusIs(Code::kNotFound, "DECISION_NOT_FOUND"));
    }
  }
  store_.on_commit = nullptr;
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(Revision(1, 4)));
  EXPECT_TRUE(decided.replayed);
  EXPECT_EQ(decided.voucher->terms.amount, Eur("5.00"));
  EXPECT_EQ(StoredHistory().gestures.at(0).amount, Eur("10.00"));
}

TEST_F(TopUpTest, TwoRevisionsAtOnceGiveTheDifferenceOnce) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  // Between our reading and our commit, revision 2 is decided.
  bool raced = false;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    if (!raced && transaction.not_after) {
      raced = true;
      const auto won = Report(Revision(2, 4));
      EXPECT_EQ(won->voucher->terms.amount, Eur("5.00"));
    }
    return FaultyStore::Fault::kNone;
  };
  ASSERT_OK_AND_ASSIGN(const DecidedIncident lost, Report(Revision(1, 3)));
  EXPECT_TRUE(raced);
  EXPECT_EQ(lost.decision.reason, reason::kNothingToAdd);
  EXPECT_EQ(budgets_.held, 1000) << "the loser's money went back";
}

TEST_F(TopUpTest, TheSameRevisionTwiceAtOnceIsDecidedOnce) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  bool raced = false;
  std::optional<IssuedCode> winner;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    if (!raced && transaction.not_after) {
      raced = true;
      winner = Report(Revision(1, 4))->code;
    }
    return FaultyStore::Fault::kNone;
  };
  ASSERT_OK_AND_ASSIGN(const DecidedIncident second, Report(Revision(1, 4)));
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(second.code, winner);
  EXPECT_EQ(budgets_.held, 1000);
}

TEST_F(TopUpTest, ATopUpIsNoSecondVoucherForLimitsAndOncePer) {
  KnownCustomer();
  ASSERT_EQ(Report(LateDelivery("b"))->decision.outcome, Outcome::kGranted);
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());  // the second of two in 90 days
  ASSERT_OK_AND_ASSIGN(const DecidedIncident more, Report(Revision(1, 4)));
  EXPECT_EQ(more.decision.outcome, Outcome::kGranted) << more.decision.reason;
  EXPECT_EQ(Report(LateDelivery("c"))->decision.reason, reason::kCustomerLimit);
}

TEST_F(TopUpTest, RevisionsOfOneIncidentAreLimited) {
  KnownCustomer();
  for (std::uint32_t revision = 0; revision < 64; ++revision) {
    ASSERT_THAT(Report(Revision(revision, 4)), IsOk()) << revision;
  }
  EXPECT_THAT(Report(Revision(64, 4)), StatusIs(Code::kFailedPrecondition, "TOO_MANY_REVISIONS"));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident known, Report(Revision(63, 4)));
  EXPECT_TRUE(known.replayed);
}

TEST_F(TopUpTest, EvaluateOfALaterRevisionKnowsWhatWasGiven) {
  KnownCustomer();
  ASSERT_THAT(Report(Revision(0, 1)), IsOk());
  ASSERT_OK_AND_ASSIGN(const EvaluatedIncident evaluated,
                       SyncWait(incidents_.Evaluate(Revision(1, 4), {}, Soon())));
  EXPECT_FALSE(evaluated.already_decided);
  EXPECT_EQ(evaluated.decision.voucher->amount, Eur("5.00"));
  EXPECT_THAT(Get(1), StatusIs(Code::kNotFound, "DECISION_NOT_FOUND"));
}

}  // namespace
}  // namespace kulanz::app
