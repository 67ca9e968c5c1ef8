// Vouchers::Reissue and List: a new code in the old one's place, and what a customer has.
#include <gmock/gmock.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/app/agenda.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/stored_value_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class ReissueTest : public StoredValueFixture {
 protected:
  Result<ReissuedVoucher> Reissue(std::string code, std::string id = "N-1") {
    return SyncWait(
        vouchers_.Reissue({std::move(code), {}}, {ReissueId(std::move(id)), "lost"}, Soon()));
  }
  Result<VoucherPage> List(std::set<VoucherView> states = {}, std::uint32_t size = 0,
                           std::string token = {}) {
    return SyncWait(
        vouchers_.List(CustomerId("C-1"), std::move(states), size, std::move(token), Soon()));
  }
  std::vector<std::string> Incidents(const VoucherPage& page) {
    std::vector<std::string> ids;
    for (const Voucher& voucher : page.vouchers) {
      ids.push_back(voucher.incident.text());
    }
    return ids;
  }
};

TEST_F(ReissueTest, TheNewCodeHasTheRestAndTheOldOneIsDead) {
  const std::string old = Issue("a");
  ASSERT_THAT(Redeem(old, "R-1", "20.00").status(), IsOk());
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher reissued, Reissue(old));
  const std::string code = reissued.code.Reveal("GIFT");
  EXPECT_NE(code, old);
  EXPECT_EQ(reissued.voucher.remaining, Eur("30.00"));
  EXPECT_EQ(reissued.voucher.delivery.state, DeliveryState::kPending);
  EXPECT_THAT(Redeem(old, "R-2", "1.00").status(),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_REISSUED"));
  ASSERT_OK_AND_ASSIGN(const Voucher dead, SyncWait(vouchers_.Get(old, Soon())));
  EXPECT_EQ(dead.state, VoucherState::kReissued);
  EXPECT_EQ(dead.reissued_as, reissued.voucher.id);
  EXPECT_EQ(reissued.voucher.reissued_from, dead.id);
  ASSERT_THAT(Redeem(code, "R-2", "30.00").status(), IsOk());
  EXPECT_EQ(Liability(), 0);
}

TEST_F(ReissueTest, WhatWasDoneUnderTheOldCodeIsStillAnsweredAndReversed) {
  const std::string old = Issue("a");
  ASSERT_THAT(Redeem(old, "R-1", "20.00").status(), IsOk());
  ASSERT_THAT(Reissue(old).status(), IsOk());
  ASSERT_OK_AND_ASSIGN(const RedeemedVoucher again, Redeem(old, "R-1", "20.00"));
  EXPECT_TRUE(again.replayed);
  ASSERT_OK_AND_ASSIGN(
      const RedeemedVoucher reversed,
      SyncWait(vouchers_.Reverse({old, {}}, RedemptionId("R-1"), OrderId("O-1"), Soon())));
  EXPECT_EQ(reversed.voucher.remaining, Eur("50.00"));
  EXPECT_EQ(Liability(), 5000);
}

TEST_F(ReissueTest, ARepetitionIsAnsweredOnlyWhenTheStoreConfirmsIt) {
  const std::string old = Issue("a");
  ASSERT_THAT(Reissue(old).status(), IsOk());
  store_.on_commit = [](const ports::Transaction& transaction) {
    return transaction.writes.empty() ? FaultyStore::Fault::kLoseReply : FaultyStore::Fault::kNone;
  };
  EXPECT_THAT(Reissue(old).status(), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
}

// Between reading and answering, the voucher gets another code: the answer is the new one.
TEST_F(ReissueTest, AReportRepeatedMeanwhileIsAnsweredWithTheNewCode) {
  const std::string old = Issue("a");
  std::string fresh;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    if (transaction.writes.empty() && fresh.empty()) {
      fresh = "on its way";
      fresh = Reissue(old)->code.Reveal("GIFT");
    }
    return FaultyStore::Fault::kNone;
  };
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(LostParcel("a")));
  EXPECT_TRUE(decided.replayed);
  EXPECT_EQ(decided.code->Reveal("GIFT"), fresh) << "not " << old;
}

TEST_F(ReissueTest, ARepetitionGivesTheSameCodeAndAnotherIdIsRefused) {
  const std::string old = Issue("a");
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher first, Reissue(old));
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher again, Reissue(old));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.code, first.code);
  EXPECT_THAT(Reissue(old, "N-2").status(),
              StatusIs(Code::kFailedPrecondition, "VOUCHER_REISSUED"));
}

TEST_F(ReissueTest, TheIncidentAnswersWithTheNewCodeAndWithdrawsIt) {
  const std::string old = Issue("a");
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher reissued, Reissue(old));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, Report(LostParcel("a")));
  EXPECT_EQ(again.code, reissued.code);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn,
                       SyncWait(incidents_.Withdraw(IncidentId("a"), "found", Soon())));
  EXPECT_EQ(withdrawn.voucher->state, VoucherState::kRevoked);
  EXPECT_EQ(Liability(), 0);
}

TEST_F(ReissueTest, AVoucherOfALaterRevisionIsReissuedInItsCase) {
  KnownCustomer();
  Incident incident = LateDelivery("a");
  ASSERT_THAT(Report(incident).status(), IsOk());
  incident.revision = 1;
  incident.attributes["promised_at"] = now_ - std::chrono::days(4);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident later, Report(incident));
  ASSERT_TRUE(later.code.has_value());
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher reissued, Reissue(later.code->Reveal("SORRY")));
  ASSERT_OK_AND_ASSIGN(const DecidedIncident withdrawn,
                       SyncWait(incidents_.Withdraw(IncidentId("a"), "found", Soon())));
  ASSERT_OK_AND_ASSIGN(const Voucher revoked,
                       SyncWait(vouchers_.Get(reissued.code.Reveal("SORRY"), Soon())));
  EXPECT_EQ(revoked.state, VoucherState::kRevoked);
  EXPECT_EQ(Liability(), 0);
}

TEST_F(ReissueTest, TheLetterGoesOutAgainForTheNewVoucherOnly) {
  const std::string old = Issue("a");
  ASSERT_OK_AND_ASSIGN(const ReissuedVoucher reissued, Reissue(old));
  const ports::PartitionId partition = keys_.PartitionOf(CustomerId("C-1"));
  ports::IndexRange range{keys_.Agenda(partition), -ports::kStoredIntegerMax,
                          ports::kStoredIntegerMax, 10, false};
  ASSERT_OK_AND_ASSIGN(const auto entries, SyncWait(store_.ReadIndex(range, Soon())));
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(DecodeAgendaMember(entries[0].member)->record,
            keys_.VoucherFromId(reissued.voucher.id)->hash);
}

TEST_F(ReissueTest, ThereAreNoMoreThanSixteenCodes) {
  std::string code = Issue("a");
  for (std::uint32_t i = 1; i < kReissuesMax; ++i) {
    ASSERT_OK_AND_ASSIGN(const ReissuedVoucher next, Reissue(code, "N-" + std::to_string(i)));
    code = next.code.Reveal("GIFT");
  }
  EXPECT_THAT(Reissue(code, "N-x").status(),
              StatusIs(Code::kFailedPrecondition, "TOO_MANY_REISSUES"));
}

TEST_F(ReissueTest, AListGoesPageByPageBackInTimeAndByState) {
  const std::string first = Issue("a");
  now_ += std::chrono::hours{1};
  Issue("b");
  now_ += std::chrono::hours{1};
  const std::string third = Issue("c");
  ASSERT_THAT(Redeem(third, "R-1", "50.00").status(), IsOk());
  ASSERT_THAT(Reissue(first).status(), IsOk());
  ASSERT_OK_AND_ASSIGN(const VoucherPage all, List());
  EXPECT_THAT(Incidents(all), ElementsAre("c", "b", "a"));
  EXPECT_EQ(all.next_page_token, "");
  ASSERT_OK_AND_ASSIGN(const VoucherPage page, List({}, 2));
  EXPECT_THAT(Incidents(page), ElementsAre("c", "b"));
  ASSERT_OK_AND_ASSIGN(const VoucherPage rest, List({}, 2, page.next_page_token));
  EXPECT_THAT(Incidents(rest), ElementsAre("a"));
  EXPECT_EQ(rest.next_page_token, "");
  ASSERT_OK_AND_ASSIGN(const VoucherPage open, List({VoucherView::kIssued}, 1));
  EXPECT_THAT(Incidents(open), ElementsAre("b"));
  ASSERT_OK_AND_ASSIGN(const VoucherPage more,
                       List({VoucherView::kIssued}, 1, open.next_page_token));
  EXPECT_THAT(Incidents(more), ElementsAre("a"));
  EXPECT_THAT(List({VoucherView::kExpired}, 1, open.next_page_token).status(),
              StatusIs(Code::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  ASSERT_OK_AND_ASSIGN(const VoucherPage none, List({VoucherView::kReserved}));
  EXPECT_THAT(none.vouchers, SizeIs(0));
}

}  // namespace
}  // namespace kulanz::app
