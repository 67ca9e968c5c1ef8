// The life of vouchers whose codes are of a pool: named by their ids, reissued out of the pool, and never
// redeemed by the code from which their key is derived.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/code_pools_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Ne;
using ::testing::SizeIs;
using ::testing::StartsWith;

class PoolVouchersTest : public CodePoolsFixture {
 protected:
  PoolVouchersTest() { KnownCustomer(); }

  // A voucher out of the pool.
  Result<Voucher> Grant(const std::string& incident = "I-1",
                        const std::string& when_empty = "deny") {
    const auto decided = Report(MissedVisit(incident, when_empty));
    if (!decided.ok() || !decided->voucher) {
      return decided.ok() ? Status(Code::kNotFound, decided->decision.reason, "no voucher")
                          : decided.status();
    }
    return *decided->voucher;
  }
  Result<ReissuedVoucher> Reissue(const std::string& voucher_id, const std::string& id = "N-1") {
    return SyncWait(vouchers_.Reissue({{}, voucher_id}, {ReissueId(id), "lost"}, Soon()));
  }
  // The code that the voucher's key is made of, and that nobody is told.
  std::string DerivedCodeOf(const std::string& incident, std::uint32_t issue = 0) {
    const auto derived = secrets_.Derive(IncidentId(incident), 0, now_,
                                         keys_.PartitionOf(CustomerId("C-1")), {issue, false});
    EXPECT_TRUE(derived.ok());
    return derived->code.Reveal({});
  }
  RedeemRequest Redemption(const std::string& code) {
    RedeemRequest request;
    request.code = code;
    request.customer = CustomerId("C-1");
    request.redemption = RedemptionId("R-1");
    request.order = OrderId("O-1");
    return request;
  }
};

TEST_F(PoolVouchersTest, TheDerivedCodeIsNobodys) {
  Import(Codes(0, 2));
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, Grant());
  ASSERT_THAT(Reissue(voucher.id).status(), IsOk());
  for (const std::uint32_t issue : {0U, 1U}) {
    const std::string code = DerivedCodeOf("I-1", issue);
    const auto refused = StatusIs(Code::kNotFound, "VOUCHER_NOT_REDEEMABLE");
    EXPECT_THAT(SyncWait(vouchers_.Get(code, Soon())).status(), refused);
    EXPECT_THAT(SyncWait(vouchers_.Validate(Redemption(code), Soon())).status(), refused);
    EXPECT_THAT(SyncWait(vouchers_.Redeem(Redemption(code), Soon())).status(), refused);
    ReserveRequest reserve{code, CustomerId("C-1"), {}};
    reserve.command.id = ReservationId("H-1");
    reserve.command.order = OrderId("O-1");
    EXPECT_THAT(SyncWait(vouchers_.Reserve(reserve, Soon())).status(), refused);
    const RevokeCommand revoke{RevocationId("V-1"), "fraud"};
    EXPECT_THAT(SyncWait(vouchers_.Revoke({code, {}}, revoke, Soon())).status(), refused);
    const ReissueCommand reissue{ReissueId("N-9"), "lost"};
    EXPECT_THAT(SyncWait(vouchers_.Reissue({code, {}}, reissue, Soon())).status(), refused);
  }
}

TEST_F(PoolVouchersTest, TheDerivedCodeOfOursIsRedeemedWhereThePoolWasEmpty) {
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, Grant("I-1", "generate"));
  ASSERT_EQ(voucher.terms.pool, "");
  EXPECT_THAT(SyncWait(vouchers_.Redeem(Redemption(DerivedCodeOf("I-1")), Soon())).status(),
              IsOk());
}

TEST_F(PoolVouchersTest, ItIsListedReadAndRevokedByItsId) {
  Import(Codes(0, 1));
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, Grant());
  ASSERT_OK_AND_ASSIGN(const VoucherPage page,
                       SyncWait(vouchers_.List(CustomerId("C-1"), {}, 0, {}, Soon())));
  ASSERT_THAT(page.vouchers, SizeIs(1));
  EXPECT_EQ(page.vouchers[0].id, voucher.id);
  EXPECT_EQ(page.vouchers[0].terms.pool, "visits");
  ASSERT_THAT(SyncWait(vouchers_.Get(VoucherReference{{}, voucher.id}, Soon())).status(), IsOk());
  ASSERT_OK_AND_ASSIGN(
      const ChangedState revoked,
      SyncWait(vouchers_.Revoke({{}, voucher.id}, {RevocationId("V-1"), "fraud"}, Soon())));
  EXPECT_EQ(revoked.voucher.state, VoucherState::kRevoked);
  EXPECT_EQ(Remaining(), 0U) << "a code that was told is not given to anybody else";
}

TEST_F(PoolVouchersTest, AReissueTakesAnotherCodeOfThePool) {
  Import(Codes(0, 2));
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, Grant());
  const auto told = Report(MissedVisit("I-1"));
  ASSERT_THAT(told.status(), IsOk());
  const std::string old = told->code->Reveal();
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher reissued, Reissue(voucher.id));
  EXPECT_THAT(reissued.code.Reveal("IGNORED"), AllOf(StartsWith("SPRING-"), Ne(old)));
  EXPECT_EQ(reissued.voucher.terms.pool, "visits");
  EXPECT_EQ(reissued.voucher.delivery.state, DeliveryState::kPending) << "a letter of its own";
  EXPECT_EQ(Remaining(), 0U);
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher again, Reissue(voucher.id));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.code, reissued.code);
  // Who reports the incident again is told the code that counts now.
  const auto repeated = Report(MissedVisit("I-1"));
  ASSERT_THAT(repeated.status(), IsOk());
  EXPECT_EQ(*repeated->code, reissued.code);
}

TEST_F(PoolVouchersTest, AReissueOutOfAnEmptyPoolIsRefusedAndChangesNothing) {
  Import(Codes(0, 1));
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, Grant("I-1", "generate"));
  const auto refused = Reissue(voucher.id);
  EXPECT_THAT(refused.status(), StatusIs(Code::kFailedPrecondition, "POOL_EMPTY"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("'visits'"));
  ASSERT_OK_AND_ASSIGN(const Voucher still,
                       SyncWait(vouchers_.Get(VoucherReference{{}, voucher.id}, Soon())));
  EXPECT_EQ(still.state, VoucherState::kIssued);
  EXPECT_EQ(still.reissued_as, "");
  Import(Codes(1, 2));
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher reissued, Reissue(voucher.id));
  EXPECT_EQ(reissued.code.Reveal(), "SPRING-10001");
}

// Whatever happens to a reissue's request or reply, it takes one code for each id, and repeated it tells the
// same one.
TEST_F(PoolVouchersTest, ALostReplyOfAReissueTakesOneCode) {
  Import(Codes(0, 3));
  ASSERT_OK_AND_ASSIGN(const Voucher voucher, Grant());
  ASSERT_EQ(Remaining(), 2U);
  bool lost = false;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    for (const ports::TransactionWrite& write : transaction.writes) {
      const auto* put = std::get_if<ports::Put>(&write);
      if (!lost && put != nullptr && put->key.kind == ports::RecordKind::kVoucher) {
        lost = true;
        return FaultyStore::Fault::kLoseReply;
      }
    }
    return FaultyStore::Fault::kNone;
  };
  ASSERT_THAT(Reissue(voucher.id).status(), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  ASSERT_TRUE(lost);
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher again, Reissue(voucher.id));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(Remaining(), 1U);
}

}  // namespace
}  // namespace kulanz::app
