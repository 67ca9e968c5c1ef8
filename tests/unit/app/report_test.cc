// Incidents::Report: what is decided, what is stored, and what a repetition gets.

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReportTest : public AppFixture {};

TEST_F(ReportTest, GrantsAVoucherWithACodeAndTerms) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(LateDelivery("a", 2)));
  EXPECT_EQ(decided.decision.outcome, Outcome::kGranted);
  EXPECT_EQ(decided.decision.policy, PolicyId("late-delivery"));
  EXPECT_EQ(decided.decision.decided_at, now_);
  EXPECT_EQ(decided.decision.revision, policies_.Current()->revision());
  EXPECT_FALSE(decided.replayed);
  ASSERT_TRUE(decided.code.has_value());
  ASSERT_TRUE(decided.voucher.has_value());
  EXPECT_EQ(decided.voucher->remaining, Eur("5.00"));
  EXPECT_EQ(decided.voucher->customer, CustomerId("C-1"));
  EXPECT_EQ(budgets_.committed, 500);
}

TEST_F(ReportTest, ARepetitionGetsTheSameAnswerAgain) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident first, Report(LateDelivery("a")));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident second, Report(LateDelivery("a")));
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(second.decision, first.decision);
  EXPECT_EQ(second.code, first.code);
  EXPECT_EQ(second.voucher, first.voucher);
  EXPECT_EQ(budgets_.held, 500) << "a repetition takes no money";
}

TEST_F(ReportTest, ARepetitionKeepsTheAnswerOfItsOwnPolicySet) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident first, Report(LateDelivery("a")));
  now_ += std::chrono::hours(48);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident later,
                       SyncWait(incidents_.Get(IncidentId("a"), std::nullopt, Soon())));
  EXPECT_EQ(later.decision, first.decision);
}

TEST_F(ReportTest, ADenialIsRecordedWithItsReasonAndInputs) {
  KnownCustomer();
  Incident incident = LateDelivery("a");
  incident.attributes["cause"] = std::string("customer");
  ASSERT_OK_AND_ASSIGN(const DecidedIncident denied, Report(incident));
  EXPECT_EQ(denied.decision.outcome, Outcome::kDenied);
  EXPECT_EQ(denied.decision.reason, "NOT_OUR_FAULT");
  EXPECT_FALSE(denied.code.has_value());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident read,
                       SyncWait(incidents_.Get(IncidentId("a"), std::nullopt, Soon())));
  EXPECT_EQ(read.decision.incident, incident);
  EXPECT_EQ(read.decision.reason, "NOT_OUR_FAULT");
  EXPECT_EQ(budgets_.held, 0);
}

TEST_F(ReportTest, AnUnknownCustomersIncidentIsDecidedOnceTheCustomerExists) {
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kFailedPrecondition, "UNKNOWN_CUSTOMER"));
  EXPECT_THAT(SyncWait(incidents_.Get(IncidentId("a"), std::nullopt, Soon())),
              StatusIs(Code::kNotFound, "DECISION_NOT_FOUND"));
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(LateDelivery("a")));
  EXPECT_EQ(decided.decision.outcome, Outcome::kGranted);
  EXPECT_FALSE(decided.replayed);
}

TEST_F(ReportTest, TheSameIdWithOtherFactsIsRefusedAndNamesThem) {
  KnownCustomer("C-1");
  KnownCustomer("C-2");
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  Incident other = LateDelivery("a");
  other.customer = CustomerId("C-2");
  other.attributes["cause"] = std::string("weather");
  const auto refused = Report(other);
  EXPECT_THAT(refused, StatusIs(Code::kAlreadyExists, "INCIDENT_CONFLICT"));
  EXPECT_EQ(refused.status().metadata().at("fields"),
            "incident.customer_id,incident.attributes[\"cause\"]");
  EXPECT_EQ(budgets_.held, 500);
}

TEST_F(ReportTest, AConflictBeforeTheDecisionNamesTheParts) {
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kFailedPrecondition, "UNKNOWN_CUSTOMER"));
  Incident other = LateDelivery("a");
  other.occurred_at -= Duration{1};
  other.customer = CustomerId("C-2");
  const auto refused = Report(other);
  EXPECT_EQ(refused.status().metadata().at("fields"), "incident.customer_id,incident.occurred_at");
}

TEST_F(ReportTest, BadInputNamesEveryViolationAndStoresNothing) {
  KnownCustomer();
  Incident incident = LateDelivery("a");
  incident.attributes["cause"] = std::string("carier");
  incident.attributes["colour"] = std::string("red");
  incident.attributes.erase("promised_at");
  const auto refused =
      SyncWait(incidents_.Report(incident, {{"incident.order.total", "is negative"}}, Soon()));
  ASSERT_THAT(refused, StatusIs(Code::kInvalidArgument, "INVALID_REQUEST"));
  const Violations violations = refused.status().violations();
  for (const char* field :
       {"incident.order.total", "incident.attributes[\"cause\"]", "incident.attributes[\"colour\"]",
        "incident.attributes[\"promised_at\"]"}) {
    EXPECT_THAT(violations, Contains(Field(&FieldViolation::field, field)));
  }
  EXPECT_EQ(violations.size(), 4U);
  ASSERT_THAT(Report(LateDelivery("a")), IsOk()) << "the id was not claimed by the bad report";
}

TEST_F(ReportTest, IncidentsOutsideTheIntakeWindowAreRefused) {
  KnownCustomer();
  Incident old = LateDelivery("old");
  old.occurred_at = now_ - std::chrono::days(90) - Duration{1};
  EXPECT_THAT(Report(old), StatusIs(Code::kFailedPrecondition, "INCIDENT_TOO_OLD"));
  old.occurred_at = now_ - std::chrono::days(90);
  EXPECT_THAT(Report(old), IsOk());
  Incident early = LateDelivery("early");
  early.occurred_at = now_ + std::chrono::minutes(5) + Duration{1};
  EXPECT_THAT(Report(early), StatusIs(Code::kFailedPrecondition, "INCIDENT_IN_FUTURE"));
  early.occurred_at = now_ + std::chrono::minutes(5);
  EXPECT_THAT(Report(early), IsOk());
}

TEST_F(ReportTest, WithoutPoliciesNothingIsDecided) {
  KnownCustomer();
  policies_.Replace(nullptr);
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kUnavailable, "POLICIES_NOT_LOADED"));
}

TEST_F(ReportTest, TheThirdGestureInNinetyDaysIsDenied) {
  KnownCustomer();
  ASSERT_EQ(Report(LateDelivery("a"))->decision.outcome, Outcome::kGranted);
  ASSERT_EQ(Report(LateDelivery("b"))->decision.outcome, Outcome::kGranted);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident third, Report(LateDelivery("c")));
  EXPECT_EQ(third.decision.outcome, Outcome::kDenied);
  EXPECT_EQ(third.decision.reason, "CUSTOMER_LIMIT");
}

TEST_F(ReportTest, OneOrderIsCompensatedOnce) {
  KnownCustomer();
  ASSERT_EQ(Report(LateDelivery("a"))->decision.outcome, Outcome::kGranted);
  Incident second_parcel = LateDelivery("b");
  second_parcel.order->id = OrderId("O-a");
  ASSERT_OK_AND_ASSIGN(const DecidedIncident denied, Report(second_parcel));
  EXPECT_EQ(denied.decision.reason, "ALREADY_COMPENSATED");
}

TEST_F(ReportTest, AnExhaustedBudgetDeniesAndASmallerAmountStillFits) {
  for (int i = 0; i < 3; ++i) {
    const std::string customer = "C-" + std::to_string(i);
    KnownCustomer(customer);
    Incident incident = LateDelivery("big-" + std::to_string(i), 4);
    incident.customer = CustomerId(customer);
    ASSERT_EQ(Report(incident)->decision.voucher->amount, Eur("10.00"));
  }
  budgets_.held += 400;  // 6.00 of 40.00 are left
  KnownCustomer("C-8");
  Incident big = LateDelivery("big", 4);
  big.customer = CustomerId("C-8");
  ASSERT_OK_AND_ASSIGN(const DecidedIncident denied, Report(big));
  EXPECT_EQ(denied.decision.reason, "BUDGET_EXHAUSTED");
  Incident small = LateDelivery("small", 1);
  small.customer = CustomerId("C-8");
  ASSERT_OK_AND_ASSIGN(const DecidedIncident granted, Report(small));
  EXPECT_EQ(granted.decision.outcome, Outcome::kGranted);
}

TEST_F(ReportTest, ALostReplyIsRepeatedToTheSameVoucher) {
  KnownCustomer();
  int commits = 0;
  // The claim goes through; the answer to the deciding commit is lost.
  store_.on_commit = [&commits](const ports::Transaction&) {
    return ++commits == 2 ? FaultyStore::Fault::kLoseReply : FaultyStore::Fault::kNone;
  };
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  EXPECT_EQ(budgets_.unknown, 500) << "the money is neither free nor surely spent";
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(LateDelivery("a")));
  EXPECT_TRUE(decided.replayed);
  EXPECT_EQ(decided.decision.outcome, Outcome::kGranted);
}

// What is found may not be durable yet: only a commit waits for replicas (ports/store.h).
TEST_F(ReportTest, ARepetitionIsAnsweredOnlyWhenTheStoreConfirmsTheDecision) {
  KnownCustomer();
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  const ports::Key decision = keys_.Decision(keys_.PartitionOf(CustomerId("C-1")), IncidentId("a"));
  store_.on_commit = [&decision](const ports::Transaction& transaction) {
    const auto* check = std::get_if<ports::CheckVersion>(&transaction.checks.front());
    const bool confirms = transaction.writes.empty() && check != nullptr && check->key == decision;
    return confirms ? FaultyStore::Fault::kLoseReply : FaultyStore::Fault::kNone;
  };
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  EXPECT_THAT(SyncWait(incidents_.Withdraw(IncidentId("a"), "not ours", Soon())), IsOk());
  EXPECT_THAT(SyncWait(incidents_.Withdraw(IncidentId("a"), "not ours", Soon())),
              StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
}

TEST_F(ReportTest, ALostRequestIsDecidedByTheRepetition) {
  KnownCustomer();
  int commits = 0;
  store_.on_commit = [&commits](const ports::Transaction&) {
    return ++commits == 2 ? FaultyStore::Fault::kLoseRequest : FaultyStore::Fault::kNone;
  };
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(LateDelivery("a")));
  EXPECT_FALSE(decided.replayed);
}

TEST_F(ReportTest, ARaceForTheLastGestureIsDecidedAgainOnTheFreshHistory) {
  KnownCustomer();
  ASSERT_EQ(Report(LateDelivery("a"))->decision.outcome, Outcome::kGranted);
  // Between our reading and our commit, another server grants the second of two gestures.
  bool raced = false;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    if (!raced && transaction.checks.size() > 1) {
      raced = true;
      Dependencies other = dependencies_;
      FaultyStore plain(memory_);
      Dependencies direct{.store = plain,
                          .scheduler = other.scheduler,
                          .telemetry = other.telemetry,
                          .log = other.log,
                          .policies = other.policies,
                          .keys = other.keys,
                          .codec = other.codec,
                          .secrets = other.secrets,
                          .budgets = other.budgets,
                          .courier = nullptr,
                          .intake = {},
                          .deliver_at_once = false};
      Incidents second_server(direct);
      const auto won = SyncWait(second_server.Report(LateDelivery("b"), {}, Soon()));
      EXPECT_EQ(won->decision.outcome, Outcome::kGranted);
    }
    return FaultyStore::Fault::kNone;
  };
  ASSERT_OK_AND_ASSIGN(const DecidedIncident lost, Report(LateDelivery("c")));
  EXPECT_TRUE(raced);
  EXPECT_EQ(lost.decision.reason, "CUSTOMER_LIMIT");
  EXPECT_EQ(budgets_.held, 1000) << "the loser's money went back";
}

TEST_F(ReportTest, AReportThatWasHeldUpForMinutesDecidesNothing) {
  KnownCustomer();
  // Between our reading and our commit, an hour passes on the store's clock.
  store_.on_commit = [this](const ports::Transaction& transaction) {
    now_ += transaction.not_after ? std::chrono::hours(1) : std::chrono::hours(0);
    return FaultyStore::Fault::kNone;
  };
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kUnavailable, "REQUEST_DELAYED"));
  EXPECT_EQ(budgets_.held, 0) << "the money went back";
}

TEST_F(ReportTest, ADamagedDecisionIsNeverAnswered) {
  KnownCustomer();
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  const ports::Key key = keys_.Decision(keys_.PartitionOf(CustomerId("C-1")), IncidentId("a"));
  ports::Transaction damage;
  damage.partition = key.partition;
  damage.writes.emplace_back(ports::Put{key, "not what a store writes", std::nullopt});
  ASSERT_THAT(SyncWait(memory_.Commit(damage, Soon())), IsOk());
  EXPECT_THAT(Report(LateDelivery("a")), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
}

TEST_F(ReportTest, EvaluateExplainsAndStoresNothing) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const EvaluatedIncident evaluated,
                       SyncWait(incidents_.Evaluate(LateDelivery("a"), {}, Soon())));
  EXPECT_EQ(evaluated.decision.outcome, Outcome::kGranted);
  EXPECT_FALSE(evaluated.already_decided);
  EXPECT_FALSE(evaluated.explanation.policies.empty());
  EXPECT_THAT(SyncWait(incidents_.Get(IncidentId("a"), std::nullopt, Soon())),
              StatusIs(Code::kNotFound, "DECISION_NOT_FOUND"));
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  ASSERT_OK_AND_ASSIGN(const EvaluatedIncident again,
                       SyncWait(incidents_.Evaluate(LateDelivery("a"), {}, Soon())));
  EXPECT_TRUE(again.already_decided);
}

}  // namespace
}  // namespace kulanz::app
