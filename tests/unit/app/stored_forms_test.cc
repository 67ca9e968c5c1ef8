// What stands in stores, as the first release writes it, and every later one must read it: bytes, fields, and the numbers
// that stand for values. A change that breaks this test needs a record of another kind, not another expectation.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "kulanz/record/v1/record.pb.h"
#include "service/app/record_codec.h"
#include "service/domain/event.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

ports::Key KeyOf(ports::RecordKind kind) {
  ports::Key key{.partition = {263}, .kind = kind};
  for (std::size_t at = 0; at < key.hash.size(); ++at) {
    key.hash[at] = static_cast<std::uint8_t>(at);
  }
  return key;
}

template <typename Enum>
int NumberOf(Enum value) {
  return static_cast<int>(value);
}

TEST(StoredFormsTest, NumbersStandForTheSameValues) {
  EXPECT_EQ(NumberOf(Outcome::kGranted), 0);
  EXPECT_EQ(NumberOf(Outcome::kDenied), 1);
  EXPECT_EQ(NumberOf(Outcome::kReview), 2);
  EXPECT_EQ(NumberOf(Outcome::kApologised), 3);
  EXPECT_EQ(NumberOf(Reporter::kSystem), 0);
  EXPECT_EQ(NumberOf(Reporter::kAgent), 1);
  EXPECT_EQ(NumberOf(Reporter::kCustomer), 2);
  EXPECT_EQ(NumberOf(Channel::kEmail), 0);
  EXPECT_EQ(NumberOf(Channel::kWebhook), 1);
  EXPECT_EQ(NumberOf(Salutation::kNeutral), 0);
  EXPECT_EQ(NumberOf(Salutation::kMs), 1);
  EXPECT_EQ(NumberOf(Salutation::kMr), 2);
  EXPECT_EQ(NumberOf(Severity::kMild), 0);
  EXPECT_EQ(NumberOf(Severity::kSerious), 1);
  EXPECT_EQ(NumberOf(Severity::kSevere), 2);
  EXPECT_EQ(NumberOf(DeliveryState::kPending), 0);
  EXPECT_EQ(NumberOf(DeliveryState::kSent), 1);
  EXPECT_EQ(NumberOf(DeliveryState::kDead), 2);
  EXPECT_EQ(NumberOf(DeliveryState::kCancelled), 3);
  EXPECT_EQ(NumberOf(VoucherState::kIssued), 0);
  EXPECT_EQ(NumberOf(VoucherState::kRedeemed), 1);
  EXPECT_EQ(NumberOf(VoucherState::kRevoked), 2);
  EXPECT_EQ(NumberOf(VoucherState::kExpired), 3);
  EXPECT_EQ(NumberOf(VoucherState::kReissued), 4);
  EXPECT_EQ(NumberOf(ReservationState::kHeld), 0);
  EXPECT_EQ(NumberOf(ReservationState::kUsed), 1);
  EXPECT_EQ(NumberOf(ReservationState::kReleased), 2);
  EXPECT_EQ(NumberOf(ReservationState::kLapsed), 3);
  EXPECT_EQ(NumberOf(VoucherEventKind::kIssued), 0);
  EXPECT_EQ(NumberOf(VoucherEventKind::kRedeemed), 3);
  EXPECT_EQ(NumberOf(VoucherEventKind::kExpired), 7);
  EXPECT_EQ(NumberOf(EventType::kDecisionGranted), 0);
  EXPECT_EQ(NumberOf(EventType::kIncidentWithdrawn), 4);
  EXPECT_EQ(NumberOf(EventType::kVoucherRedeemed), 8);
  EXPECT_EQ(NumberOf(EventType::kVoucherExpired), 12);
  EXPECT_EQ(NumberOf(EventType::kBreakerTripped), 13);
  EXPECT_EQ(NumberOf(EventType::kBreakerReleased), 14);
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
  }
  return bytes;
}

// A claim: the seal over key and payload, then the payload.
TEST(StoredFormsTest, ASealedRecordByteForByte) {
  const std::string stored =
      FromHex("74bb4e50a40a90500a10101112131415161718191a1b1c1d1e1f120661626364656618012002");
  const RecordCodec codec{HmacKey(std::string(32, 'm'))};
  const ports::Key key = KeyOf(ports::RecordKind::kClaim);
  ASSERT_OK_AND_ASSIGN(const Claim claim, codec.DecodeClaim(key, stored));
  EXPECT_EQ(claim.customer[0], 16);
  EXPECT_EQ(claim.fingerprint, "abcdef");
  EXPECT_EQ(claim.fingerprint_version, 1U);
  EXPECT_EQ(claim.revision, 2U);
  EXPECT_EQ(codec.Encode(key, claim), stored);
}

// Records as text: each is read, and nothing is lost when it is written again.
class StoredFormsTextTest : public ::testing::Test {
 protected:
  template <typename Message>
  std::string Stored(const ports::Key& key, const char* text) const {
    Message message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
    return codec_.Seal(key, message.SerializeAsString());
  }
  template <typename Message>
  std::string TextOf(const ports::Key& key, const std::string& stored) const {
    Message message;
    EXPECT_TRUE(message.ParseFromString(codec_.Open(key, stored).value()));
    return message.DebugString();
  }

  const RecordCodec codec_{HmacKey(std::string(32, 'm'))};
};

TEST_F(StoredFormsTextTest, Decision) {
  const ports::Key key = KeyOf(ports::RecordKind::kDecision);
  const std::string stored = Stored<pb::Decision>(key, R"(
      incident {
        id: "I-1" customer: "C-1" type: "late_delivery" occurred_at_ms: 1790000000123 revision: 2 reporter: 1
        order { id: "O-1" total { minor_units: 8000 currency: "EUR" } placed_at_ms: -5 }
        attributes { name: "cause" string_value: "carrier" }
        attributes { name: "days" int_value: 3 }
      }
      policy: "late" revision: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" department: "logistics"
      decided_at_ms: 1790000100000
      voucher {
        amount { minor_units: 500 currency: "EUR" } valid_until_ms: 1800000000000 zone: "Europe/Berlin" prefix: "SORRY"
        minimum_order_minor_units: 2000 transferable: true
      }
      delivery { message: "late-letter" signed_by: "anna" wait_ms: 600000 channel: 2 }
      once_per: "O-1" shadow { policy: "next" outcome: 1 reason: "CUSTOMER_LIMIT" }
      voucher_key: "0123456789abcdef" severity: 1 limit_keys: 18446744073709551615
      budget { name: "logistics" starts_days: 20000 })");
  ASSERT_OK_AND_ASSIGN(const StoredDecision read, codec_.DecodeDecision(key, stored));
  EXPECT_EQ(read.decision.outcome, Outcome::kGranted);
  EXPECT_EQ(read.decision.reason, "GRANTED");
  EXPECT_EQ(read.decision.incident.reporter, Reporter::kAgent);
  EXPECT_EQ(read.decision.voucher->amount.minor_units(), 500);
  EXPECT_EQ(read.decision.delivery->channel, Channel::kWebhook);
  EXPECT_EQ(read.decision.severity, Severity::kSerious);
  EXPECT_EQ(TextOf<pb::Decision>(key, codec_.Encode(key, read)), TextOf<pb::Decision>(key, stored));
}

TEST_F(StoredFormsTextTest, Voucher) {
  const ports::Key key = KeyOf(ports::RecordKind::kVoucher);
  const std::string stored = Stored<pb::Voucher>(key, R"(
      incident_hash: "0123456789abcdef" remaining_minor_units: 300 secret_id: "2026" revision: 2
      redemptions { id: "R-1" order: "O-2" amount { minor_units: 200 currency: "EUR" } at_ms: 1790000200000 }
      delivery_state: 1 delivery_attempts: 1 delivery_updated_at_ms: 1790000150000
      events { at_ms: 1790000100000 minor_units: 500 }
      events { kind: 3 at_ms: 1790000200000 minor_units: 200 id: "R-1" order: "O-2" })");
  ASSERT_OK_AND_ASSIGN(const StoredVoucher read, codec_.DecodeVoucher(key, stored));
  EXPECT_EQ(read.state, VoucherState::kIssued);
  EXPECT_EQ(read.remaining_minor_units, 300);
  EXPECT_EQ(read.delivery.state, DeliveryState::kSent);
  EXPECT_EQ(read.secret_id, "2026");
  EXPECT_EQ(TextOf<pb::Voucher>(key, codec_.Encode(key, read)), TextOf<pb::Voucher>(key, stored));
}

TEST_F(StoredFormsTextTest, HistoryAndCustomer) {
  const ports::Key history = KeyOf(ports::RecordKind::kHistory);
  const std::string gestures = Stored<pb::History>(history, R"(
      gestures {
        incident: "I-1" policy: "late" at_ms: 1790000000123 amount { minor_units: 500 currency: "EUR" } once_per: "O-1"
        reporter: 2 keys: 7
      })");
  ASSERT_OK_AND_ASSIGN(const History given, codec_.DecodeHistory(history, gestures));
  EXPECT_EQ(given.gestures.at(0).reporter, Reporter::kCustomer);
  EXPECT_EQ(TextOf<pb::History>(history, codec_.Encode(history, given)),
            TextOf<pb::History>(history, gestures));
  const ports::Key profile = KeyOf(ports::RecordKind::kProfile);
  const std::string person = Stored<pb::Customer>(profile, R"(
      id: "C-1" given_name: "Ada" family_name: "L" salutation: 1 email: "ada@example.org" locale: "de" time_zone: "Europe/Berlin"
      customer_since_days: 18000 orders_completed: 12 lifetime_value { minor_units: 99000 currency: "EUR" } segment: "gold"
      tags: "a" preferred_channel: 1 contact_consent: true attributes { key: "size" value: "M" }
      email_refused_at_ms: 1790000000000)");
  ASSERT_OK_AND_ASSIGN(const Customer customer, codec_.DecodeCustomer(profile, person));
  EXPECT_EQ(customer.salutation, Salutation::kMs);
  EXPECT_EQ(customer.preferred_channel, Channel::kWebhook);
  EXPECT_EQ(TextOf<pb::Customer>(profile, codec_.Encode(profile, customer)),
            TextOf<pb::Customer>(profile, person));
}

}  // namespace
}  // namespace kulanz::app
