// VoucherExpiry: what is due expires once, what was extended is looked at again, and the sum is told.
#include "service/app/voucher_expiry.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/stored_value_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;

class RecordingTelemetry final : public ports::NullTelemetry {
 public:
  void VoucherValueMoved(std::string_view event, Money amount) override {
    moved[std::string(event)] += amount.minor_units();
  }
  void LiabilityObserved(Currency currency, std::int64_t minor_units) override {
    liability[std::string(currency.code())] = minor_units;
  }
  std::map<std::string, std::int64_t> moved;
  std::map<std::string, std::int64_t> liability;
};

class VoucherExpiryTest : public StoredValueFixture {
 protected:
  std::uint64_t Entries() {
    std::uint64_t entries = 0;
    for (std::uint16_t number = 0; number < keys_.partition_count(); ++number) {
      entries += SyncWait(store_.SummarizeIndex(keys_.Expiries({number}), Soon()))->size;
    }
    return entries;
  }
  void Turn() { SyncWait(expiry_.Turn()); }

  RecordingTelemetry seen_;
  Dependencies with_telemetry_{.store = store_,
                               .scheduler = scheduler_,
                               .telemetry = seen_,
                               .log = log_,
                               .policies = policies_,
                               .keys = keys_,
                               .codec = codec_,
                               .secrets = secrets_,
                               .budgets = budgets_,
                               .courier = nullptr,
                               .intake = {},
                               .deliver_at_once = false};
  VoucherExpiry expiry_{with_telemetry_};
  VoucherExpiry another_{with_telemetry_};
};

TEST_F(VoucherExpiryTest, WhatIsOverExpiresOnce) {
  const std::string code = Issue("a");
  ASSERT_THAT(Redeem(code, "R-1", "20.00").status(), IsOk());
  ASSERT_OK_AND_ASSIGN(const Voucher open, SyncWait(vouchers_.Get(code, Soon())));
  now_ = open.terms.valid_until;
  Turn();
  EXPECT_EQ(seen_.liability["EUR"], 3000);
  EXPECT_EQ(Entries(), 1U);
  now_ += Duration{1};
  Turn();
  SyncWait(another_.Turn());
  EXPECT_EQ(seen_.moved["expired"], 3000);
  EXPECT_EQ(seen_.liability["EUR"], 0);
  EXPECT_EQ(Entries(), 0U);
  ASSERT_OK_AND_ASSIGN(const Voucher ended, SyncWait(vouchers_.Get(code, Soon())));
  EXPECT_EQ(ended.state, VoucherState::kExpired);
  EXPECT_EQ(ended.life.events.back().kind, VoucherEventKind::kExpired);
  EXPECT_EQ(ended.life.events.back().at, open.terms.valid_until);
}

TEST_F(VoucherExpiryTest, AReversalPutsItBackUntilItsGraceIsOver) {
  const std::string code = Issue("a");
  ASSERT_THAT(Redeem(code, "R-1", "50.00").status(), IsOk());
  EXPECT_EQ(Entries(), 0U);
  now_ += std::chrono::days{60};
  ASSERT_OK_AND_ASSIGN(
      const RedeemedVoucher reversed,
      SyncWait(vouchers_.Reverse({code, {}}, RedemptionId("R-1"), OrderId("O-1"), Soon())));
  EXPECT_EQ(Entries(), 1U);
  Turn();
  EXPECT_EQ(seen_.moved["expired"], 0);
  now_ = reversed.voucher.usable_until() + Duration{1};
  Turn();
  EXPECT_EQ(seen_.moved["expired"], 5000);
}

TEST_F(VoucherExpiryTest, WhatIsHeldAtTheEndIsWaitedFor) {
  const std::string code = Issue("a");
  ASSERT_OK_AND_ASSIGN(const Voucher open, SyncWait(vouchers_.Get(code, Soon())));
  now_ = open.terms.valid_until;
  ASSERT_THAT(Reserve(code, "H-1", "O-1").status(), IsOk());
  now_ += Duration{1};
  Turn();
  EXPECT_EQ(seen_.moved["expired"], 0);
  EXPECT_EQ(Entries(), 1U);
  now_ += kHoldDefault;
  Turn();
  EXPECT_EQ(seen_.moved["expired"], 5000);
  EXPECT_EQ(Liability(), 0);
}

TEST_F(VoucherExpiryTest, ALostReplyExpiresOnceAllTheSame) {
  Issue("a");
  Issue("b");
  now_ += std::chrono::days{60};
  bool lost = false;
  store_.on_commit = [&lost](const ports::Transaction&) {
    return std::exchange(lost, true) ? FaultyStore::Fault::kNone : FaultyStore::Fault::kLoseReply;
  };
  Turn();
  Turn();
  EXPECT_EQ(Liability(), 0);
  EXPECT_EQ(Entries(), 0U);
}

TEST_F(VoucherExpiryTest, ARevokedVoucherIsNotLookedAtAgain) {
  const std::string code = Issue("a");
  ASSERT_THAT(SyncWait(incidents_.Withdraw(IncidentId("a"), "found", Soon())).status(), IsOk());
  now_ += std::chrono::days{60};
  Turn();
  EXPECT_EQ(Entries(), 0U);
  EXPECT_EQ(seen_.moved["expired"], 0);
}

}  // namespace
}  // namespace kulanz::app
