#include "service/app/record_codec.h"

#include <gtest/gtest.h>

#include <string>

#include "service/app/keys.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

const Currency kEur = *Currency::FromCode("EUR");

Money Eur(std::int64_t minor_units) { return *Money::FromMinorUnits(minor_units, kEur); }

Incident FullIncident() {
  Incident incident;
  incident.id = IncidentId("parcel-1");
  incident.customer = CustomerId("C-1");
  incident.type = "late_delivery";
  incident.occurred_at = InstantFromMillis(1'790'000'000'123);
  incident.revision = 2;
  incident.reporter = Reporter::kAgent;
  incident.order = Order{OrderId("O-1"), Eur(8000), InstantFromMillis(-5)};
  incident.attributes = {
      {"bool", true},
      {"date", Date{std::chrono::days{-3}}},
      {"decimal", *Decimal::Parse("1.50")},
      {"duration", Duration{-7}},
      {"int", std::int64_t{-9}},
      {"list", AttributeList{std::string("a"), std::string()}},
      {"list_mixed", AttributeList{std::int64_t{-3}, Eur(7), *Decimal::Parse("0.50"), false,
                                   InstantFromMillis(-1), Date{std::chrono::days{9}}, Duration{4}}},
      {"money", Eur(-1)},
      {"records",
       AttributeRecordList{{{"minutes", std::int64_t{5}}, {"why", std::string("x")}}, {}}},
      {"string", std::string("Grüße\0!", 9)},
      {"time", InstantFromMillis(1)},
  };
  return incident;
}

StoredDecision FullDecision() {
  Decision decision;
  decision.incident = FullIncident();
  decision.outcome = Outcome::kGranted;
  decision.reason = "GRANTED";
  decision.policy = PolicyId("late-delivery");
  decision.revision = PolicyRevision(std::string(32, 'a') + std::string(32, '0'));
  decision.department = "logistics";
  decision.decided_at = InstantFromMillis(1'790'000'100'000);
  decision.voucher =
      VoucherTerms{Eur(500), InstantFromMillis(99), "Europe/Berlin", "SORRY", Eur(2000), true};
  decision.delivery = DeliveryTerms{"late-delivery", "anna", std::chrono::minutes{10}};
  decision.delivery->quiet_hours =
      QuietHours{std::chrono::hours{21}, std::chrono::minutes{451}, "Europe/Berlin"};
  decision.delivery->reminder = FollowUp{"reminder", std::chrono::hours{336}};
  decision.delivery->feedback = FollowUp{"feedback", std::chrono::hours{120}};
  decision.delivery->channel = Channel::kEmail;
  decision.severity = Severity::kSerious;
  decision.proposed = Eur(700);
  decision.holdout = Holdout{*Decimal::Parse("0.05"), false};
  decision.budget = {.name = "logistics",
                     .starts = std::chrono::sys_days(std::chrono::days(20'000))};
  decision.given_before = Eur(200);
  decision.limit_keys = {1, 0xffff'ffff'ffff'ffffU};
  decision.once_per = "O-1";
  decision.shadow = {{PolicyId("next"), Outcome::kDenied, "CUSTOMER_LIMIT", std::nullopt},
                     {PolicyId("other"), Outcome::kGranted, "GRANTED", Eur(1)}};
  StoredDecision stored{decision, HashOf("voucher", "x"), {}, Eur(900), std::nullopt, std::nullopt};
  stored.later = {
      {3, HashOf("voucher", "y"), false}, {4, std::nullopt, true}, {5, std::nullopt, false}};
  stored.withdrawn = Withdrawal{InstantFromMillis(77), "found"};
  return stored;
}

class RecordCodecTest : public ::testing::Test {
 protected:
  const RecordCodec codec_{HmacKey(std::string(32, 'm'))};
  const Keys keys_{256};
  const ports::Key key_ = keys_.Decision({7}, IncidentId("parcel-1"));
};

TEST_F(RecordCodecTest, DecisionComesBackWhole) {
  const StoredDecision stored = FullDecision();
  ASSERT_OK_AND_ASSIGN(const StoredDecision read,
                       codec_.DecodeDecision(key_, codec_.Encode(key_, stored)));
  EXPECT_EQ(read, stored);
}

TEST_F(RecordCodecTest, ALaterRevisionNamesTheFirst) {
  StoredDecision later = FullDecision();
  later.later.clear();
  later.given.reset();
  later.withdrawn.reset();
  later.first_key = HashOf("decision", "first");
  ASSERT_OK_AND_ASSIGN(const StoredDecision read,
                       codec_.DecodeDecision(key_, codec_.Encode(key_, later)));
  EXPECT_EQ(read, later);
}

// Records that were written before decisions had any of these fields.
TEST_F(RecordCodecTest, AnOldGrantHasGivenItsAmount) {
  StoredDecision old = FullDecision();
  old.later.clear();
  old.given.reset();
  ASSERT_OK_AND_ASSIGN(const StoredDecision read,
                       codec_.DecodeDecision(key_, codec_.Encode(key_, old)));
  EXPECT_EQ(read.given, Eur(500));
}

TEST_F(RecordCodecTest, AnApologyComesBackWhole) {
  const StoredApology apology{true, {DeliveryState::kCancelled, 2, InstantFromMillis(8), "WHY"}};
  ASSERT_OK_AND_ASSIGN(const StoredApology read,
                       codec_.DecodeApology(key_, codec_.Encode(key_, apology)));
  EXPECT_EQ(read, apology);
}

TEST_F(RecordCodecTest, DenialComesBackWithoutAVoucher) {
  StoredDecision denial = FullDecision();
  denial.decision.outcome = Outcome::kDenied;
  denial.decision.voucher.reset();
  denial.decision.delivery.reset();
  denial.decision.incident.order.reset();
  denial.decision.incident.attributes.clear();
  denial.voucher_key.reset();
  ASSERT_OK_AND_ASSIGN(const StoredDecision read,
                       codec_.DecodeDecision(key_, codec_.Encode(key_, denial)));
  EXPECT_EQ(read, denial);
}

TEST_F(RecordCodecTest, VoucherComesBackWholeAndJoinsItsTerms) {
  StoredVoucher voucher;
  voucher.incident = HashOf(IncidentId("parcel-1"));
  voucher.state = VoucherState::kRedeemed;
  voucher.remaining_minor_units = 12;
  voucher.secret_id = "s1";
  voucher.revision = 4;
  voucher.redemptions = {{RedemptionId("r"), OrderId("o"), Eur(488), InstantFromMillis(5)}};
  voucher.delivery = {DeliveryState::kDead, 3, InstantFromMillis(9), "NO_ADDRESS"};
  ASSERT_OK_AND_ASSIGN(const StoredVoucher read,
                       codec_.DecodeVoucher(key_, codec_.Encode(key_, voucher)));
  EXPECT_EQ(read, voucher);
  const Voucher joined = Join(read, FullDecision().decision, key_);
  EXPECT_EQ(joined.remaining, Eur(12));
  EXPECT_EQ(joined.terms.amount, Eur(500));
  EXPECT_EQ(joined.customer, CustomerId("C-1"));
}

// Every list at its limit, every text and number at its longest.
TEST_F(RecordCodecTest, TheLargestVoucherComesBackAndFitsIntoARecord) {
  const auto id = [](std::size_t number) {
    std::string text = std::to_string(number);
    return text + std::string(kIdBytesMax - text.size(), 'x');
  };
  const std::int64_t most = Money::kMaxMinorUnits;
  StoredVoucher voucher;
  voucher.state = VoucherState::kReissued;
  voucher.remaining_minor_units = most;
  voucher.voided_minor_units = most;
  voucher.extended_until = kMaxInstant;
  for (std::size_t i = 0; i < kReservationsHeldMax + kReservationsEndedMax; ++i) {
    voucher.reservations.push_back({ReservationId(id(i)), OrderId(id(i)), most, kMaxInstant,
                                    kMaxInstant, ReservationState::kLapsed, kMaxInstant});
  }
  for (std::size_t i = 0; i < kVoucherRedemptionsMax; ++i) {
    voucher.redemptions.push_back(
        {RedemptionId(id(i)), OrderId(id(i)), Eur(most), kMaxInstant, kMaxInstant});
  }
  for (std::size_t i = 0; i < kVoucherEventsMax; ++i) {
    voucher.events.push_back(
        {VoucherEventKind::kExpired, kMaxInstant, most, id(i), OrderId(id(i))});
  }
  voucher.events_omitted = 0xffff'ffffU;
  const std::string reason(kVoucherReasonBytesMax, 'r');
  voucher.revocation = Revocation{RevocationId(id(1)), reason, kMaxInstant};
  voucher.reissue = Reissue{ReissueId(id(2)), reason, kMaxInstant};
  voucher.incident = HashOf(IncidentId("parcel-1"));
  voucher.secret_id = std::string(16, 's');
  voucher.revision = 0xffff'ffffU;
  voucher.issue = 0xffff'ffffU;
  voucher.long_code = true;
  voucher.successor = HashOf("voucher", "next");
  voucher.predecessor = HashOf("voucher", "before");
  voucher.delivery = {DeliveryState::kDead, 0xffff'ffffU, kMaxInstant, std::string(512, 'e')};
  const std::string stored = codec_.Encode(key_, voucher);
  EXPECT_LT(stored.size(), ports::kRecordBytesMax);
  ASSERT_OK_AND_ASSIGN(const StoredVoucher read, codec_.DecodeVoucher(key_, stored));
  EXPECT_EQ(read, voucher);
}

TEST_F(RecordCodecTest, CustomerComesBackWhole) {
  Customer customer;
  customer.id = CustomerId("C-1");
  customer.given_name = "Zoë";
  customer.family_name = "Müller";
  customer.salutation = Salutation::kMs;
  customer.email = "zoe@example.com";
  customer.locale = "de-CH";
  customer.time_zone = "Europe/Zurich";
  customer.customer_since = Date{std::chrono::days{12000}};
  customer.orders_completed = 17;
  customer.lifetime_value = Eur(123456);
  customer.segment = "gold";
  customer.tags = {"vip", "beta"};
  customer.preferred_channel = Channel::kWebhook;
  customer.contact_consent = false;
  customer.blocked = true;
  customer.attributes = {{"store", "7"}};
  ASSERT_OK_AND_ASSIGN(const Customer read,
                       codec_.DecodeCustomer(key_, codec_.Encode(key_, customer)));
  EXPECT_EQ(read, customer);
}

TEST_F(RecordCodecTest, HistoryAndClaimComeBackWhole) {
  const History history{
      {{IncidentId("a"),
        PolicyId("p"),
        InstantFromMillis(3),
        Eur(5),
        "O",
        Reporter::kCustomer,
        {5, 9}},
       {IncidentId("b"), PolicyId("p"), InstantFromMillis(4), Eur(6), "", Reporter::kSystem, {}}}};
  ASSERT_OK_AND_ASSIGN(const History read_history,
                       codec_.DecodeHistory(key_, codec_.Encode(key_, history)));
  EXPECT_EQ(read_history, history);
  ASSERT_OK_AND_ASSIGN(const History absent, codec_.DecodeHistory(key_, ""));
  EXPECT_TRUE(absent.gestures.empty());

  const Claim claim{HashOf(CustomerId("C-1")), std::string(30, '\xfe'), 1, 7};
  ASSERT_OK_AND_ASSIGN(const Claim read_claim,
                       codec_.DecodeClaim(key_, codec_.Encode(key_, claim)));
  EXPECT_EQ(read_claim, claim);
}

TEST_F(RecordCodecTest, EveryFlippedBitIsDataLoss) {
  const std::string good = codec_.Encode(key_, FullDecision());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_THAT(codec_.DecodeDecision(key_, bad), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
    }
  }
}

TEST_F(RecordCodecTest, ARecordUnderAnotherKeyOrSecretIsDataLoss) {
  const std::string good = codec_.Encode(key_, FullDecision());
  const ports::Key other = keys_.Decision({8}, IncidentId("parcel-1"));
  EXPECT_THAT(codec_.DecodeDecision(other, good), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
  const RecordCodec stranger{HmacKey(std::string(32, 'n'))};
  EXPECT_THAT(stranger.DecodeDecision(key_, good), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
}

std::vector<DatedKey> MacKeys(bool with_second) {
  std::vector<DatedKey> keys;
  keys.push_back({"record", kMinInstant, HmacKey(std::string(32, 'm'))});
  if (with_second) {
    keys.push_back({"record-2", InstantFromMillis(1000), HmacKey(std::string(32, 'n'))});
  }
  return keys;
}

TEST_F(RecordCodecTest, ARotatedSecretSealsFromItsTimeAndOpensWhatWasSealedBefore) {
  const ports::Key key{{7}, ports::RecordKind::kHistory, HashOf("customer", "C-1")};
  RecordCodec codec(MacKeys(false));
  const std::string before = codec.Seal(key, "payload");
  codec.Replace(MacKeys(true));
  codec.UseAt(InstantFromMillis(999));
  EXPECT_EQ(codec.sealing_id(), "record");
  EXPECT_EQ(codec.Seal(key, "payload"), before);
  codec.UseAt(InstantFromMillis(1000));
  EXPECT_EQ(codec.sealing_id(), "record-2");
  const std::string after = codec.Seal(key, "payload");
  EXPECT_NE(after, before);
  EXPECT_EQ(*codec.Open(key, before), "payload");
  EXPECT_EQ(*codec.Open(key, after), "payload");
  // A server that does not have the new one yet says so and decides nothing on it.
  const RecordCodec late(MacKeys(false));
  EXPECT_THAT(late.Open(key, after).status(), StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
}

TEST_F(RecordCodecTest, TruncatedAndEmptyRecordsAreDataLoss) {
  const std::string good = codec_.Encode(key_, FullDecision());
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{8}, good.size() - 1}) {
    EXPECT_THAT(codec_.DecodeDecision(key_, good.substr(0, size)),
                StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
  }
}

TEST_F(RecordCodecTest, AnAuthenticRecordOfAnotherKindIsStillChecked) {
  const std::string payload("\xff\xff\xff\xff", 4);
  EXPECT_THAT(codec_.DecodeVoucher(key_, codec_.Seal(key_, payload)),
              StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
  EXPECT_THAT(codec_.DecodeClaim(key_, codec_.Seal(key_, "")),
              StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
}

}  // namespace
}  // namespace kulanz::app
