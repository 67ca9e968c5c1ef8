// Stores with one thing damaged: doctor names it, mends what is safe, and finds nothing in a sound one.
#include "service/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/app/agenda.h"
#include "service/app/record_budget.h"
#include "service/engine/budget_period.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::doctor {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DoctorTest : public app::AppFixture {
 protected:
  DoctorTest() {
    KnownCustomer();
    KnownCustomer("C-2");
    granted_ = *Report(LateDelivery("I-1"));
    Incident other = LateDelivery("I-2", 3);
    other.customer = CustomerId("C-2");
    EXPECT_TRUE(Report(other).ok());
    apologised_ = *Report(RudeAnswer("I-3"));
    EXPECT_EQ(apologised_.decision.outcome, Outcome::kApologised);
    EXPECT_TRUE(Report(LateDelivery("I-4", 0)).ok());  // nothing is given
    StoreBudget(1500, 0, 0);
  }
  // The budget of the late deliveries, as if they had been paid from it. Of those above, it is 15 EUR.
  void StoreBudget(std::int64_t settled, std::int64_t leased, std::int64_t counted) {
    const policy::Policy* policy = policies_.Current()->FindPolicy("late-delivery");
    const engine::BudgetPeriod period = engine::PeriodOf(*policy, now_);
    app::BudgetRecord record;
    record.settled = settled;
    record.leases.push_back({"lease-1", "holder", leased, 0, 1, false});
    const ports::Key key = keys_.Budget(app::PeriodName(period));
    Do(key.partition,
       ports::Put{key, app::EncodeBudget(codec_, key, period, record), std::nullopt});
    if (counted != 0) {
      Do({3}, ports::AddToCounter{keys_.LeaseCounter({3}, "lease-1"), counted, std::nullopt});
    }
  }

  Incident RudeAnswer(const std::string& id) const {
    Incident incident;
    incident.id = IncidentId(id);
    incident.customer = CustomerId("C-1");
    incident.type = "rude_answer";
    incident.occurred_at = now_;
    return incident;
  }

  doctor::Report Run(bool repair = false) {
    const Tools tools{
        .store = memory_, .scan = memory_, .keys = keys_, .codec = codec_, .secrets = secrets_};
    auto report =
        Examine(tools, {.repair = repair, .settle = Duration{0}, .threads = 2, .progress = {}});
    EXPECT_TRUE(report.ok()) << report.status().ToString();
    return report.ok() ? *std::move(report) : doctor::Report{};
  }
  static std::vector<std::string> KindsOf(const doctor::Report& report) {
    std::vector<std::string> kinds;
    for (const Finding& finding : report.findings) {
      kinds.push_back(finding.kind + (finding.repaired ? " repaired" : ""));
    }
    return kinds;
  }
  std::vector<std::string> Kinds(bool repair = false) { return KindsOf(Run(repair)); }

  void Do(ports::PartitionId partition, ports::TransactionWrite write) {
    ports::Transaction transaction;
    transaction.partition = partition;
    transaction.writes.push_back(std::move(write));
    const auto outcome = SyncWait(memory_.Commit(std::move(transaction), Soon()));
    ASSERT_TRUE(outcome.ok() && std::holds_alternative<ports::Committed>(*outcome));
  }
  void Remove(const ports::Key& key) { Do(key.partition, ports::Delete{key}); }
  std::string Stored(const ports::Key& key) {
    std::vector<ports::Key> wanted = {key};
    return SyncWait(memory_.Read(std::move(wanted), Soon()))->front().value;
  }
  template <typename Record>
  void Store(const ports::Key& key, const Record& record) {
    Do(key.partition, ports::Put{key, codec_.Encode(key, record), std::nullopt});
  }

  ports::Key DecisionKey(const char* incident = "I-1", const char* customer = "C-1") const {
    return keys_.Decision(keys_.PartitionOf(CustomerId(customer)), IncidentId(incident));
  }
  ports::Key VoucherKey() {
    const ports::Key key = DecisionKey();
    return keys_.Voucher(key.partition, *codec_.DecodeDecision(key, Stored(key))->voucher_key);
  }
  std::string AgendaMember() {
    return app::EncodeAgendaMember({app::AgendaKind::kDelivery, VoucherKey().hash});
  }

  app::DecidedIncident granted_;
  app::DecidedIncident apologised_;
};

TEST_F(DoctorTest, ASoundStoreHasNoFinding) {
  Incident grown = LateDelivery("I-1", 3);
  grown.revision = 1;
  ASSERT_OK_AND_ASSIGN(const app::DecidedIncident more, Report(grown));
  EXPECT_TRUE(more.voucher.has_value());
  StoreBudget(1000, 1000, 1000);
  ASSERT_OK_AND_ASSIGN(const app::DecidedIncident gone,
                       SyncWait(incidents_.Withdraw(IncidentId("I-2"), "by mistake", Soon())));
  EXPECT_TRUE(gone.withdrawn.has_value());
  const doctor::Report report = Run();
  EXPECT_THAT(KindsOf(report), IsEmpty());
  EXPECT_EQ(report.passing, 0U);
  EXPECT_EQ(report.records.at(ports::RecordKind::kVoucher), 3U);
}

TEST_F(DoctorTest, AClaimWithoutADecisionIsADoubt) {
  const ports::Key key = keys_.Claim(IncidentId("I-9"));
  Store(key, app::Claim{app::HashOf(CustomerId("C-1")), std::string(30, 'f'), 0, 0});
  const doctor::Report report = Run(true);
  EXPECT_THAT(KindsOf(report), ElementsAre("CLAIM_WITHOUT_DECISION"));
  EXPECT_EQ(report.Count(Severity::kDoubt), 1U);
  EXPECT_EQ(report.Count(Severity::kDamage), 0U);
}

TEST_F(DoctorTest, AClaimOfARevisionThatWasDecidedIsNone) {
  Incident late = LateDelivery("I-8");
  late.revision = 2;  // the first that is reported, so it heads the case
  ASSERT_TRUE(Report(late).ok());
  StoreBudget(1500, 500, 500);
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, ADecisionsClaimIsWrittenAgain) {
  Remove(keys_.Claim(IncidentId("I-1")));
  EXPECT_THAT(Kinds(), ElementsAre("DECISION_WITHOUT_CLAIM"));
  EXPECT_THAT(Kinds(true), ElementsAre("DECISION_WITHOUT_CLAIM repaired"));
  EXPECT_THAT(Kinds(), IsEmpty());
  // As it was: the same report is a repetition, another one a conflict.
  ASSERT_OK_AND_ASSIGN(const app::DecidedIncident again, Report(LateDelivery("I-1")));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(Report(LateDelivery("I-1", 2)).status().reason(), "INCIDENT_CONFLICT");
}

TEST_F(DoctorTest, ADecisionIsIndexedAgain) {
  const ports::Key index = keys_.DecisionIndex(CustomerId("C-1"));
  Do(index.partition, ports::IndexRemove{index, app::MemberOf(DecisionKey().hash)});
  EXPECT_THAT(Kinds(), ElementsAre("DECISION_NOT_INDEXED"));
  EXPECT_THAT(Kinds(true), ElementsAre("DECISION_NOT_INDEXED repaired"));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, ADecisionInAForeignPlaceIsNamed) {
  const ports::Key key = DecisionKey();
  ports::Key elsewhere = key;
  elsewhere.hash[0] ^= 1U;
  Store(elsewhere, *codec_.DecodeDecision(key, Stored(key)));
  EXPECT_THAT(Kinds(true), ElementsAre("BUDGET_UNCOUNTED", "DECISION_MISPLACED"));
}

TEST_F(DoctorTest, ALostVoucherIsNamedAndNotMadeUp) {
  const ports::Key agenda = keys_.Agenda(VoucherKey().partition);
  Do(agenda.partition, ports::IndexRemove{agenda, AgendaMember()});
  Remove(VoucherKey());
  EXPECT_THAT(Kinds(true), ElementsAre("DECISION_WITHOUT_VOUCHER", "EXPIRY_STALE repaired",
                                       "LIABILITY_DIFFERS"));
}

TEST_F(DoctorTest, AVoucherWithoutItsDecisionIsNamed) {
  Remove(DecisionKey());
  EXPECT_THAT(Kinds(true), ElementsAre("BUDGET_LEAKED", "CLAIM_WITHOUT_DECISION",
                                       "GESTURE_WITHOUT_DECISION", "VOUCHER_WITHOUT_DECISION"));
}

TEST_F(DoctorTest, AVoucherWorthMoreThanItWasGivenIsNamed) {
  app::StoredVoucher voucher = *codec_.DecodeVoucher(VoucherKey(), Stored(VoucherKey()));
  voucher.remaining_minor_units += 1;
  Store(VoucherKey(), voucher);
  EXPECT_THAT(Kinds(), ElementsAre("LIABILITY_DIFFERS", "VOUCHER_UNSOUND"));
}

TEST_F(DoctorTest, SecretsThatAreNotTheServersAreNamed) {
  app::StoredVoucher voucher = *codec_.DecodeVoucher(VoucherKey(), Stored(VoucherKey()));
  voucher.secret_id = "gone";
  Store(VoucherKey(), voucher);
  EXPECT_THAT(Kinds(), ElementsAre("SECRET_MISSING"));
}

TEST_F(DoctorTest, ALetterOnNoAgendaIsScheduledAgain) {
  const ports::Key agenda = keys_.Agenda(VoucherKey().partition);
  Do(agenda.partition, ports::IndexRemove{agenda, AgendaMember()});
  EXPECT_THAT(Kinds(), ElementsAre("DELIVERY_NOT_SCHEDULED"));
  EXPECT_THAT(Kinds(true), ElementsAre("DELIVERY_NOT_SCHEDULED repaired"));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, ADeadLetterOnNoListIsListedAgain) {
  const ports::Key agenda = keys_.Agenda(VoucherKey().partition);
  Do(agenda.partition, ports::IndexRemove{agenda, AgendaMember()});
  app::StoredVoucher voucher = *codec_.DecodeVoucher(VoucherKey(), Stored(VoucherKey()));
  voucher.delivery.state = DeliveryState::kDead;
  Store(VoucherKey(), voucher);
  EXPECT_THAT(Kinds(), ElementsAre("DEAD_LETTER_NOT_LISTED"));
  EXPECT_THAT(Kinds(true), ElementsAre("DEAD_LETTER_NOT_LISTED repaired"));
  EXPECT_THAT(Kinds(), IsEmpty());
  const auto listed =
      SyncWait(store_.SummarizeIndex(keys_.DeadLetters(agenda.partition), Deadline::max()));
  EXPECT_EQ(listed->size, 1U);
}

TEST_F(DoctorTest, AnApologysLetterIsScheduledAgainOrMissed) {
  const ports::Key decision = DecisionKey("I-3");
  const ports::Key agenda = keys_.Agenda(decision.partition);
  const std::string member = app::EncodeAgendaMember({app::AgendaKind::kApology, decision.hash});
  Do(agenda.partition, ports::IndexRemove{agenda, member});
  EXPECT_THAT(Kinds(true), ElementsAre("DELIVERY_NOT_SCHEDULED repaired"));
  Remove(keys_.Apology(decision.partition, decision.hash));
  EXPECT_THAT(Kinds(), ElementsAre("AGENDA_STALE", "LETTER_MISSING"));
}

TEST_F(DoctorTest, AStaleAgendaEntryIsRemoved) {
  app::StoredVoucher voucher = *codec_.DecodeVoucher(VoucherKey(), Stored(VoucherKey()));
  voucher.delivery.state = DeliveryState::kSent;
  Store(VoucherKey(), voucher);
  EXPECT_THAT(Kinds(), ElementsAre("AGENDA_STALE"));
  EXPECT_THAT(Kinds(true), ElementsAre("AGENDA_STALE repaired"));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, AnAgendaEntryOfALaterVersionIsLeftAlone) {
  const ports::Key agenda = keys_.Agenda({3});
  Do({3}, ports::IndexPut{agenda, {"?" + std::string(16, 'x'), 1}});
  EXPECT_THAT(Kinds(true), IsEmpty());
}

TEST_F(DoctorTest, AHistoryThatForgotOrInventedIsNamed) {
  const ports::Key key = keys_.HistoryOf(CustomerId("C-1"));
  const History whole = *codec_.DecodeHistory(key, Stored(key));
  History changed = whole;
  std::erase_if(changed.gestures,
                [](const GivenGesture& gesture) { return gesture.incident == IncidentId("I-1"); });
  Store(key, changed);
  EXPECT_THAT(Kinds(true), ElementsAre("GESTURE_MISSING"));
  changed = whole;
  for (GivenGesture& gesture : changed.gestures) {
    if (gesture.incident == IncidentId("I-1")) {
      gesture.amount = Eur("1.00");
    }
  }
  Store(key, changed);
  EXPECT_THAT(Kinds(true), ElementsAre("GESTURE_AMOUNT"));
  changed = whole;
  changed.gestures.push_back(changed.gestures.back());
  changed.gestures.back().incident = IncidentId("I-never");
  Store(key, changed);
  EXPECT_THAT(Kinds(true), ElementsAre("GESTURE_WITHOUT_DECISION"));
  changed = whole;
  changed.gestures.push_back(changed.gestures.back());
  changed.gestures.back().incident = IncidentId("I-4");  // a denial
  Store(key, changed);
  EXPECT_THAT(Kinds(true), ElementsAre("GESTURE_WITHOUT_DECISION"));
}

TEST_F(DoctorTest, WhatIntakeWouldRefuseMayHaveLeftTheHistory) {
  const ports::Key key = keys_.HistoryOf(CustomerId("C-1"));
  Store(key, History{});
  now_ += std::chrono::days{91};
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, ADamagedRecordOfEveryKindIsNamedOnce) {
  for (const ports::Key& key :
       {keys_.Claim(IncidentId("I-1")), keys_.Profile(CustomerId("C-1")),
        keys_.HistoryOf(CustomerId("C-1")), DecisionKey(), VoucherKey(),
        keys_.Apology(DecisionKey("I-3").partition, DecisionKey("I-3").hash)}) {
    const std::string good = Stored(key);
    std::string bad = good;
    bad.back() = static_cast<char>(bad.back() ^ 1);
    Do(key.partition, ports::Put{key, bad, std::nullopt});
    // What a decision drew on its budget cannot be told then.
    EXPECT_THAT(Kinds(true), ElementsAreArray(key == DecisionKey()
                                                  ? std::vector{"BUDGET_LEAKED", "RECORD_CORRUPT"}
                                                  : std::vector{"RECORD_CORRUPT"}))
        << KeyText(key);
    Do(key.partition, ports::Put{key, good, std::nullopt});
  }
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, ARecordOfANewerVersionIsNoDamage) {
  const ports::Key key = keys_.Profile(CustomerId("C-1"));
  const std::string a_new_field = "\xb8\xa6\x02\x01";  // number 4711
  const std::string record = *codec_.Open(key, Stored(key)) + a_new_field;
  Do(key.partition, ports::Put{key, codec_.Seal(key, record), std::nullopt});
  EXPECT_THAT(Kinds(), ElementsAre("RECORD_NEWER"));
}

TEST_F(DoctorTest, AnOpenVoucherIsPutBackOnTheAgendaOfExpiries) {
  const ports::Key index = keys_.Expiries(VoucherKey().partition);
  Do(index.partition, ports::IndexRemove{index, app::MemberOf(VoucherKey().hash)});
  EXPECT_THAT(Kinds(), ElementsAre("EXPIRY_NOT_SCHEDULED", "LIABILITY_DIFFERS"));
  EXPECT_THAT(Kinds(true), Contains("EXPIRY_NOT_SCHEDULED repaired"));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, AnExpiryOfNoOpenVoucherIsTakenOff) {
  const ports::Key index = keys_.Expiries({4});
  Do(index.partition, ports::IndexPut{index, {app::MemberOf(VoucherKey().hash), 1}});
  EXPECT_THAT(Kinds(), ElementsAre("EXPIRY_STALE"));
  EXPECT_THAT(Kinds(true), ElementsAre("EXPIRY_STALE repaired"));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, ALiabilityThatIsNotTheVouchersWorthIsNamed) {
  const ports::PartitionId partition = VoucherKey().partition;
  Do(partition, ports::AddToCounter{keys_.Liability(partition, "EUR"), -1, std::nullopt});
  const doctor::Report report = Run(true);
  EXPECT_THAT(KindsOf(report), ElementsAre("LIABILITY_DIFFERS"));
  EXPECT_THAT(report.findings.front().text, HasSubstr("499 minor units of EUR"));
}

TEST_F(DoctorTest, APartitionWithoutGenesisIsNamed) {
  memory_.LoseGenesis({5});
  EXPECT_THAT(Kinds(), ElementsAre("NO_GENESIS"));
}

TEST_F(DoctorTest, SettledAndCountedIsWhatWasGiven) {
  StoreBudget(1000, 800, 500);
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(DoctorTest, WhatWasGivenAndNotCountedIsNamed) {
  StoreBudget(1000, 800, 499);
  EXPECT_THAT(Kinds(), ElementsAre("BUDGET_UNCOUNTED"));
}

TEST_F(DoctorTest, WhatWasCountedAndNotGivenIsNamed) {
  StoreBudget(1000, 800, 501);
  EXPECT_THAT(Kinds(), ElementsAre("BUDGET_LEAKED"));
}

TEST_F(DoctorTest, ALeaseThatSpentMoreThanItHasIsNamed) {
  StoreBudget(1000, 499, 500);
  EXPECT_THAT(Kinds(), ElementsAre("LEASE_OVERDRAWN"));
}

}  // namespace
}  // namespace kulanz::doctor
