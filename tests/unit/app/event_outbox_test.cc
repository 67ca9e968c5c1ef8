// Every change writes its events in its own transaction: what happened is told, and nothing else.
#include "service/app/event_outbox.h"

#include <gmock/gmock.h>

#include "service/app/record_events.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/event_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

using EventOutboxTest = EventFixture;

TEST_F(EventOutboxTest, AGrantIsADecisionAndAVoucher) {
  const std::string code = Issue("a");
  ASSERT_THAT(Told(), ElementsAre("decision.granted", "voucher.issued"));
  const Event& decision = sink_.told[0];
  EXPECT_EQ(decision.customer.text(), "C-1");
  EXPECT_EQ(decision.incident.text(), "a");
  EXPECT_EQ(decision.incident_type, "lost_parcel");
  EXPECT_EQ(decision.reason, "GRANTED");
  EXPECT_EQ(decision.amount, Eur("50.00"));
  const Event& issued = sink_.told[1];
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, SyncWait(vouchers_.Get(code, Soon())));
  EXPECT_EQ(issued.voucher_id, voucher.id);
  EXPECT_EQ(issued.amount, Eur("50.00"));
  EXPECT_EQ(issued.remaining, Eur("50.00"));
  EXPECT_EQ(issued.valid_until, voucher.terms.valid_until);
  EXPECT_EQ(issued.at, now_);
  EXPECT_NE(issued.id, decision.id);
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(EventOutboxTest, ARepetitionTellsNothing) {
  Issue("a");
  EXPECT_THAT(Told(), Not(IsEmpty()));
  ASSERT_THAT(Report(LostParcel("a")), IsOk());
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(EventOutboxTest, ADenialIsTold) {
  KnownCustomer();
  Customer blocked = ACustomer("C-1");
  blocked.blocked = true;
  ASSERT_THAT(SyncWait(customers_.Upsert(blocked, {}, Soon())), IsOk());
  ASSERT_THAT(Report(LostParcel("a")), IsOk());
  EXPECT_THAT(Told(), ElementsAre("decision.denied"));
  EXPECT_EQ(Last().reason, "CUSTOMER_BLOCKED");
}

TEST_F(EventOutboxTest, EveryStepOfAVouchersLifeIsTold) {
  const std::string code = Issue("a");
  Told();
  ASSERT_THAT(Reserve(code, "H-1", "O-1").status(), IsOk());
  EXPECT_THAT(Told(), ElementsAre("voucher.reserved"));
  EXPECT_EQ(Last().operation_id, "H-1");
  ASSERT_THAT(SyncWait(vouchers_.Release({code, {}}, ReservationId("H-1"), Soon())).status(),
              IsOk());
  EXPECT_THAT(Told(), ElementsAre("voucher.released"));
  ASSERT_THAT(Redeem(code, "R-1", "20.00", "O-7").status(), IsOk());
  EXPECT_THAT(Told(), ElementsAre("voucher.redeemed"));
  EXPECT_EQ(Last().amount, Eur("20.00"));
  EXPECT_EQ(Last().remaining, Eur("30.00"));
  EXPECT_EQ(Last().operation_id, "R-1");
  EXPECT_EQ(Last().order.text(), "O-7");
  ASSERT_THAT(
      SyncWait(vouchers_.Reverse({code, {}}, RedemptionId("R-1"), OrderId("O-7"), Soon())).status(),
      IsOk());
  EXPECT_THAT(Told(), ElementsAre("voucher.reversed"));
  EXPECT_EQ(Last().remaining, Eur("50.00"));
  ASSERT_OK_AND_ASSIGN(
      const ReissuedVoucher reissued,
      SyncWait(vouchers_.Reissue({code, {}}, {ReissueId("N-1"), "lost, says Zoë"}, Soon())));
  EXPECT_THAT(Told(), ElementsAre("voucher.reissued"));
  EXPECT_EQ(Last().reissued_as, reissued.voucher.id);
  EXPECT_EQ(Last().amount, Eur("50.00"));
  EXPECT_EQ(Last().remaining, Eur("0"));
  EXPECT_EQ(Last().reason, "") << "people's words are not for others";
  ASSERT_THAT(SyncWait(vouchers_.Revoke({{}, reissued.voucher.id},
                                        {RevocationId("X-1"), "fraud, says Zoë"}, Soon()))
                  .status(),
              IsOk());
  EXPECT_THAT(Told(), ElementsAre("voucher.revoked"));
  EXPECT_EQ(Last().voucher_id, reissued.voucher.id);
  EXPECT_EQ(Last().amount, Eur("50.00"));
  EXPECT_EQ(Last().reason, "");
}

TEST_F(EventOutboxTest, WhatTimeDoesIsTold) {
  const std::string code = Issue("a");
  Told();
  ASSERT_OK_AND_ASSIGN(const Voucher open, SyncWait(vouchers_.Get(code, Soon())));
  now_ = open.terms.valid_until + Duration{1};
  VoucherExpiry expiry(dependencies_);
  SyncWait(expiry.Turn());
  SyncWait(expiry.Turn());
  EXPECT_THAT(Told(), ElementsAre("voucher.expired"));
  EXPECT_EQ(Last().remaining, Eur("0"));
}

TEST_F(EventOutboxTest, AWithdrawalTellsItsRevocationsInOneStep) {
  Issue("a");
  Told();
  ASSERT_THAT(SyncWait(incidents_.Withdraw(IncidentId("a"), "found after all", Soon())), IsOk());
  EXPECT_THAT(Told(), ElementsAre("incident.withdrawn", "voucher.revoked"));
  EXPECT_EQ(sink_.told[sink_.told.size() - 2].reason, "") << "people's words are not for others";
}

TEST_F(EventOutboxTest, EachTypeHasItsOwnSwitch) {
  for (std::size_t number = 0; number < kEventTypeNames.size(); ++number) {
    const auto only = static_cast<EventType>(number);
    EXPECT_EQ(EventTypeFrom(EventTypeName(only)), only);
    dependencies_.events = EventTypes();
    dependencies_.events.Add(only);
    const std::string incident = "i-" + std::to_string(number);
    const std::string code = Issue(incident);
    ASSERT_THAT(Reserve(code, "H-1", "O-1").status(), IsOk());
    ASSERT_THAT(Redeem(code, "R-1", "20.00").status(), IsOk());
    for (const std::string& type : Told()) EXPECT_EQ(type, EventTypeName(only));
  }
  EXPECT_EQ(EventTypeFrom("voucher.eaten"), std::nullopt);
  std::set<EventType> told;
  for (const Event& event : sink_.told) told.insert(event.type);
  EXPECT_THAT(told, ElementsAre(EventType::kDecisionGranted, EventType::kVoucherIssued,
                                EventType::kVoucherReserved, EventType::kVoucherRedeemed));
}

TEST_F(EventOutboxTest, WithoutEventsNothingIsWritten) {
  dependencies_.events = EventTypes();
  const std::string code = Issue("a");
  ASSERT_THAT(Redeem(code, "R-1", "20.00").status(), IsOk());
  EXPECT_EQ(Waiting(), 0U);
}

// "An entry outside the transaction" would show here: the request is lost, and with it its events; the reply is
// lost, and its events stand there all the same.
TEST_F(EventOutboxTest, EventsStandOrFallWithWhatTheyTell) {
  const std::string code = Issue("a");
  Told();
  store_.on_commit = [](const ports::Transaction&) { return FaultyStore::Fault::kLoseRequest; };
  EXPECT_THAT(Redeem(code, "R-1", "20.00").status(),
              StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  store_.on_commit = nullptr;
  EXPECT_THAT(Told(), IsEmpty());
  store_.on_commit = [](const ports::Transaction&) { return FaultyStore::Fault::kLoseReply; };
  EXPECT_THAT(Redeem(code, "R-1", "20.00").status(),
              StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  store_.on_commit = nullptr;
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher again, Redeem(code, "R-1", "20.00"));
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(Told(), ElementsAre("voucher.redeemed"));
}

TEST_F(EventOutboxTest, NoCallTakesATripMore) {
  const auto commits = [this] {
    int count = 0;
    store_.on_commit = [&count](const ports::Transaction&) {
      ++count;
      return FaultyStore::Fault::kNone;
    };
    const std::string code = Issue("i-" + std::to_string(seen_++));
    EXPECT_THAT(Redeem(code, "R-1", "20.00").status(), IsOk());
    store_.on_commit = nullptr;
    return count;
  };
  dependencies_.events = EventTypes();
  commits();  // the first makes the customer
  const int without = commits();
  dependencies_.events = EventTypes::All();
  EXPECT_EQ(commits(), without);
}

TEST_F(EventOutboxTest, ARecordComesBackAsItWas) {
  StoredEvents events;
  Issue("a");
  Tell();
  events.events = sink_.told;
  events.told = 1;
  events.attempts = 7;
  events.dead = {{0, "HTTP_400", 10, now_}};
  events.resent_at = now_;
  const auto key = OutboxKeyOf(keys_, {3}, events.events.front().id);
  ASSERT_TRUE(key.has_value());
  const std::string stored = EncodeEvents(codec_, *key, events);
  ASSERT_OK_AND_ASSIGN(const StoredEvents read, DecodeEvents(codec_, *key, stored));
  EXPECT_EQ(read, events);
  std::string damaged = stored;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_THAT(DecodeEvents(codec_, *key, damaged).status(),
              StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
  EXPECT_EQ(OutboxKeyOf(keys_, {3}, "evt_0"), std::nullopt);
  EXPECT_EQ(OutboxKeyOf(keys_, {3}, "msg_00000000000000000000000000000000"), std::nullopt);
}

TEST_F(EventOutboxTest, ARecordWithoutAnythingLeftToDoIsNone) {
  Issue("a");
  Tell();
  StoredEvents events;
  events.events = sink_.told;
  events.told = 2;
  const auto key = OutboxKeyOf(keys_, {3}, events.events.front().id);
  EXPECT_EQ(DecodeEvents(codec_, *key, EncodeEvents(codec_, *key, events)).status().reason(),
            "RECORD_CORRUPT");
  events.dead = {{2, "HTTP_400", 10, now_}};
  EXPECT_EQ(DecodeEvents(codec_, *key, EncodeEvents(codec_, *key, events)).status().reason(),
            "RECORD_CORRUPT")
      << "dead, and not among them";
}

// The largest case must fit: as many vouchers as one incident can have, each with the longest ids.
TEST_F(EventOutboxTest, TheLargestTransactionsEventsFitIntoARecord) {
  StoredEvents events;
  Issue("a");
  Tell();
  Event longest = sink_.told.back();
  longest.customer = CustomerId(std::string(kIdBytesMax, 'c'));
  longest.incident = IncidentId(std::string(kIdBytesMax, 'i'));
  longest.incident_type = longest.reason = longest.operation_id = std::string(kIdBytesMax, 'x');
  longest.policy = PolicyId(std::string(kIdBytesMax, 'p'));
  longest.order = OrderId(std::string(kIdBytesMax, 'o'));
  events.events.assign(1 + kRevisionsGivingMax * 4, longest);
  for (std::uint32_t i = 0; i < events.events.size(); ++i) {
    events.dead.push_back({i, "WEBHOOK_SECRET_FILE", 10, now_});
  }
  events.told = static_cast<std::uint32_t>(events.dead.size());
  const auto key = OutboxKeyOf(keys_, {3}, longest.id);
  EXPECT_LT(EncodeEvents(codec_, *key, events).size(), ports::kRecordBytesMax);
}

}  // namespace
}  // namespace kulanz::app
