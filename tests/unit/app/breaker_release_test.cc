// Releasing a breaker: what it held is decided drip by drip, once, whoever dies, and within all limits.

#include <gmock/gmock.h>

#include <optional>
#include <set>
#include <string>

#include "service/app/breaker_drip.h"
#include "service/app/event_outbox.h"
#include "service/app/record_events.h"
#include "tests/unit/app/breaker_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

constexpr char kGranted[] = "granted GRANTED 5.00 EUR";
constexpr char kHeld[] = "review MASS_INCIDENT";

class BreakerReleaseTest : public BreakerFixture {
 protected:
  // Trips the breaker and has it hold `held` incidents, with policies without a budget in their way.
  std::vector<Incident> Trip(int held) {
    UseBreakers("{type: late_delivery, gestures: 1, within: 10m}");
    EXPECT_EQ(Report(*one_, Late("first")), kGranted);
    return ReportMany(*one_, "held", held);
  }
  std::string Get(const Incident& incident) {
    return Say(SyncWait(incidents_.Get(incident.id, incident.revision, Soon())));
  }
  std::vector<Server*> both() { return {one_.get(), two_.get()}; }
};

TEST_F(BreakerReleaseTest, WhatIsHeldIsDecidedAtTheRateByAllServersTogether) {
  const std::vector<Incident> held = Trip(5);
  ASSERT_THAT(Release(60), IsOk());
  for (int second = 1; second <= 5; ++second) {
    Second(both());
    EXPECT_EQ(Granted(held), second);
  }
  Seconds(3, both());
  EXPECT_EQ(Held(), 0U);
  EXPECT_EQ(budgets_.committed, 3000);
}

TEST_F(BreakerReleaseTest, ARepetitionGivesTheReviewBeforeAndTheVoucherAfterwards) {
  const std::vector<Incident> held = Trip(1);
  ASSERT_THAT(Release(), IsOk());
  EXPECT_EQ(Report(*two_, held[0]), kHeld);
  Second(both());
  ASSERT_OK_AND_ASSIGN(const DecidedIncident after, ReportTo(*two_, held[0]));
  EXPECT_TRUE(after.replayed);
  EXPECT_EQ(Say(after), kGranted);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident again, ReportTo(*one_, held[0]));
  EXPECT_EQ(again.code, after.code);
  EXPECT_EQ(after.decision.decided_at, now_) << "decided as of then, and valid from then on";
  ASSERT_TRUE(after.voucher.has_value());
  EXPECT_EQ(after.voucher->delivery.state, DeliveryState::kPending) << "the letter is on its way";
}

TEST_F(BreakerReleaseTest, LimitsHoldAtTheReleaseAsEver) {
  UseBreakers("{type: late_delivery, gestures: 1, within: 10m}");
  ASSERT_EQ(Report(*one_, Late("first")), kGranted);
  std::vector<Incident> held;
  for (const char* id : {"a", "b", "c"}) {
    held.push_back(Late(id, "C-same"));
    EXPECT_EQ(Report(*one_, held.back()), kHeld);
  }
  ASSERT_THAT(Release(), IsOk());
  Seconds(4, both());
  std::multiset<std::string> ends;
  for (const Incident& incident : held) {
    ends.insert(Get(incident));
  }
  EXPECT_EQ(ends.count(kGranted), 2U) << "at most two in 90 days";
  EXPECT_EQ(ends.count("denied CUSTOMER_LIMIT"), 1U);
}

TEST_F(BreakerReleaseTest, TheBudgetHoldsAtTheRelease) {
  const std::vector<Incident> held = Trip(10);
  ASSERT_THAT(Release(6'000), IsOk());
  Seconds(5, both());
  EXPECT_EQ(Held(), 0U);
  EXPECT_EQ(Granted(held), 7) << "40 EUR are eight vouchers";
  EXPECT_EQ(budgets_.committed, 4000);
}

TEST_F(BreakerReleaseTest, AnotherServerGoesOnWhereOneDied) {
  const std::vector<Incident> held = Trip(6);
  ASSERT_THAT(Release(60), IsOk());
  Seconds(2, {one_.get()});
  EXPECT_EQ(Granted(held), 2);
  Seconds(10, {two_.get()});
  EXPECT_EQ(Granted(held), 2) << "the lease is still the dead one's";
  Seconds(12, {two_.get()});
  EXPECT_EQ(Granted(held), 6);
  EXPECT_EQ(Held(), 0U);
}

TEST_F(BreakerReleaseTest, TwoWorkersAtOneCaseGiveOneVoucher) {
  const std::vector<Incident> held = Trip(1);
  ASSERT_THAT(Release(60), IsOk());
  bool raced = false;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    if (!raced &&
        transaction.writes.size() > 6) {  // the first one's decision: the other is quicker
      raced = true;
      now_ += std::chrono::minutes(1);  // and believes the lease to be over
      SyncWait(two_->watch.Turn());
      SyncWait(two_->drip.Turn());
    }
    return FaultyStore::Fault::kNone;
  };
  Second({one_.get()});
  store_.on_commit = nullptr;
  EXPECT_TRUE(raced);
  EXPECT_EQ(Get(held[0]), kGranted);
  EXPECT_EQ(budgets_.committed, 1000) << "the first and this one, once";
  EXPECT_EQ(Held(), 0U);
}

TEST_F(BreakerReleaseTest, ADecisionWhoseAnswerIsLostIsMadeOnce) {
  const std::vector<Incident> held = Trip(1);
  ASSERT_THAT(Release(60), IsOk());
  bool lost = false;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    const bool decides = !lost && transaction.writes.size() > 6;
    lost = lost || decides;
    return decides ? FaultyStore::Fault::kLoseReply : FaultyStore::Fault::kNone;
  };
  Seconds(15, both());
  EXPECT_TRUE(lost);
  EXPECT_EQ(Get(held[0]), kGranted);
  EXPECT_EQ(budgets_.committed + budgets_.unknown, 1000);
  EXPECT_EQ(Held(), 0U);
}

TEST_F(BreakerReleaseTest, AWithdrawnCaseIsOffTheListAndGivesNothing) {
  const std::vector<Incident> held = Trip(2);
  ASSERT_THAT(SyncWait(incidents_.Withdraw(held[0].id, "it was none", Soon())), IsOk());
  EXPECT_EQ(Held(), 1U);
  ASSERT_THAT(Release(6'000), IsOk());
  Seconds(3, both());
  EXPECT_EQ(Get(held[0]), kHeld);
  EXPECT_EQ(Get(held[1]), kGranted);
}

TEST_F(BreakerReleaseTest, AWithdrawalThatWinsTheRaceLeavesNothingToGive) {
  const std::vector<Incident> held = Trip(1);
  ASSERT_THAT(Release(60), IsOk());
  bool raced = false;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    if (!raced && transaction.writes.size() > 6) {
      raced = true;
      EXPECT_THAT(SyncWait(incidents_.Withdraw(held[0].id, "it was none", Soon())), IsOk());
    }
    return FaultyStore::Fault::kNone;
  };
  Seconds(3, both());
  store_.on_commit = nullptr;
  EXPECT_TRUE(raced);
  ASSERT_OK_AND_ASSIGN(const DecidedIncident end, ReportTo(*one_, held[0]));
  EXPECT_TRUE(end.withdrawn.has_value());
  EXPECT_FALSE(end.code.has_value());
  EXPECT_EQ(budgets_.committed, 500);
  EXPECT_EQ(Held(), 0U);
}

TEST_F(BreakerReleaseTest, ARevisionThatWasHeldGetsTheDifference) {
  UseBreakers("{type: late_delivery, gestures: 1, within: 10m}");
  ASSERT_EQ(Report(*one_, Late("a", "C-1")), kGranted);
  Incident grown = Late("a", "C-1", 4);
  grown.revision = 1;
  EXPECT_EQ(Report(*one_, grown), kHeld);
  ASSERT_THAT(Release(), IsOk());
  Seconds(2, both());
  EXPECT_EQ(Get(grown), kGranted) << "ten less the five of before";
  EXPECT_EQ(budgets_.committed, 1000);
}

TEST_F(BreakerReleaseTest, ACaseOfWhichAllRevisionsWereHeldGivesTheHighestOnce) {
  UseBreakers("{type: late_delivery, gestures: 1, within: 10m}");
  ASSERT_EQ(Report(*one_, Late("first")), kGranted);
  const Incident small = Late("a", "C-1", 1);
  Incident grown = Late("a", "C-1", 4);
  grown.revision = 1;
  EXPECT_EQ(Report(*one_, small), kHeld);
  EXPECT_EQ(Report(*one_, grown), kHeld);
  EXPECT_EQ(Held(), 2U);
  ASSERT_THAT(Release(6'000), IsOk());
  Seconds(3, both());
  EXPECT_EQ(Held(), 0U);
  EXPECT_EQ(budgets_.committed, 500 + 1000) << "ten in all, in one voucher or two";
  ASSERT_OK_AND_ASSIGN(const DecidedIncident taken,
                       SyncWait(incidents_.Withdraw(IncidentId("a"), "none", Soon())));
  EXPECT_TRUE(taken.withdrawn.has_value()) << "and all of it can be taken back";
}

TEST_F(BreakerReleaseTest, WhatIsDismissedIsDeniedForGood) {
  const std::vector<Incident> held = Trip(3);
  ASSERT_THAT(Release(6'000, true), IsOk());
  Seconds(3, both());
  for (const Incident& incident : held) {
    EXPECT_EQ(Report(*two_, incident), "denied MASS_INCIDENT");
  }
  EXPECT_EQ(Held(), 0U);
  EXPECT_EQ(budgets_.committed, 500);
}

TEST_F(BreakerReleaseTest, ItCountsAfreshAndTripsAgainAndThatWaitsForAReleaseOfItsOwn) {
  const std::vector<Incident> held = Trip(4);
  ASSERT_THAT(Release(60), IsOk());
  Second(both());
  EXPECT_EQ(Report(*one_, Late("new")), kGranted) << "what is released does not count";
  now_ += std::chrono::milliseconds(1);
  const Incident later = Late("later");
  EXPECT_EQ(Report(*one_, later), kHeld);
  EXPECT_EQ(breaker_log_.Count("breaker_tripped"), 2);
  Seconds(120, both());
  EXPECT_EQ(Granted(held), 4);
  EXPECT_EQ(Get(later), kHeld);
  EXPECT_TRUE(View().stored.trip.has_value());
  EXPECT_TRUE(View().stored.release->done);
  ASSERT_THAT(Release(60, false, "rel-2"), IsOk());
  Seconds(2, both());
  EXPECT_EQ(Get(later), kGranted);
}

TEST_F(BreakerReleaseTest, IsOverOnceNothingCanComeAnyMore) {
  const std::vector<Incident> held = Trip(1);
  const auto slow = Start({.trust = std::chrono::hours(1)});
  Turn(*slow);
  ASSERT_THAT(Release(60), IsOk());
  Seconds(50, both());
  EXPECT_EQ(Granted(held), 1);
  const Incident late = Late("late");
  EXPECT_EQ(Report(*slow, late), kHeld) << "it has not heard of the release";
  Seconds(30, both());
  EXPECT_EQ(Get(late), kGranted);
  EXPECT_FALSE(View().stored.release->done);
  EXPECT_EQ(SyncWait(one_->control.List(0, "", Soon()))->breakers.size(), 1U);
  Seconds(60, both());
  EXPECT_TRUE(View().stored.release->done);
  EXPECT_TRUE(SyncWait(one_->control.List(0, "", Soon()))->breakers.empty());
  EXPECT_EQ(breaker_log_.Count("breaker_drained"), 1);
}

TEST_F(BreakerReleaseTest, IsRepeatedUnderItsIdAndRefusedWithAnother) {
  Trip(2);
  ASSERT_OK_AND_ASSIGN(const BreakerView first, Release(60));
  now_ += std::chrono::seconds(5);
  ASSERT_OK_AND_ASSIGN(const BreakerView again, Release(60));
  EXPECT_EQ(again.stored.release->at, first.stored.release->at);
  EXPECT_THAT(Release(61), StatusIs(Code::kAlreadyExists, "RELEASE_CONFLICT"));
  EXPECT_THAT(Release(60, true), StatusIs(Code::kAlreadyExists, "RELEASE_CONFLICT"));
  ASSERT_OK_AND_ASSIGN(const BreakerView faster, Release(6'000, false, "rel-2"));
  EXPECT_EQ(faster.stored.release->per_minute, 6'000U);
}

TEST_F(BreakerReleaseTest, OnlyWhatHasTrippedOrHoldsSomethingIsReleased) {
  EXPECT_THAT(Release(), StatusIs(Code::kFailedPrecondition, "BREAKER_NOT_TRIPPED"));
  EXPECT_THAT(Release(60, false, "rel-1", "type/nothing"),
              StatusIs(Code::kNotFound, "BREAKER_NOT_FOUND"));
  EXPECT_THAT(SyncWait(one_->control.Get("policy/nobody", Soon())),
              StatusIs(Code::kNotFound, "BREAKER_NOT_FOUND"));
}

TEST_F(BreakerReleaseTest, ABreakerForEachIsKnownByWhatPoliciesDeclareAndByWhatItEverCounted) {
  const auto get = [this](const std::string& breaker) {
    return SyncWait(one_->control.Get(breaker, Soon()));
  };
  UseBreakers("{each: type, gestures: 1, within: 10m}, {each: policy, gestures: 9, within: 10m}");
  ASSERT_OK_AND_ASSIGN(const BreakerView declared, get("type/lost_parcel"));
  EXPECT_TRUE(declared.rule.has_value());
  EXPECT_THAT(get("policy/lost-parcel"), IsOk());
  for (const char* unknown : {"type/alien_invasion", "policy/alien-invasion", "type/lost-parcel",
                              "type/", "policy/", "lost_parcel", "type"}) {
    EXPECT_THAT(get(unknown), StatusIs(Code::kNotFound, "BREAKER_NOT_FOUND")) << unknown;
    EXPECT_THAT(Release(60, false, "rel-1", unknown),
                StatusIs(Code::kNotFound, "BREAKER_NOT_FOUND"))
        << unknown;
  }
  ReportMany(*one_, "a", 2);
  UseBreakers("{type: lost_parcel, gestures: 1, within: 10m}");
  ASSERT_OK_AND_ASSIGN(const BreakerView counted, get("type/late_delivery"));
  EXPECT_FALSE(counted.rule.has_value()) << "no policies set it any more";
  EXPECT_TRUE(counted.stored.trip.has_value());
  EXPECT_EQ(counted.held->cases, 1U);
  EXPECT_THAT(Release(), IsOk()) << "what it holds is let go all the same";
}

TEST_F(BreakerReleaseTest, WhatCannotBeDecidedAnyMoreStaysWithAPerson) {
  const std::vector<Incident> held = Trip(1);
  now_ += std::chrono::hours(24 * 91);
  ASSERT_THAT(Release(6'000), IsOk());
  Seconds(2, both());
  EXPECT_EQ(Get(held[0]), kHeld);
  EXPECT_EQ(Held(), 0U);
  EXPECT_EQ(breaker_log_.Count("breaker_case_left"), 1);
}

TEST_F(BreakerReleaseTest, TheVoucherIsAnotherEventThanTheReview) {
  const std::vector<Incident> held = Trip(1);
  const auto events = [this] {
    std::set<std::string> members;
    for (std::uint16_t partition = 0; partition < 16; ++partition) {
      ports::IndexRange range;
      range.index = keys_.Outbox({partition});
      range.score_max = ports::kStoredIntegerMax;
      const auto entries = SyncWait(memory_.ReadIndex(range, Soon()));
      for (const auto& entry : *entries) {
        members.insert(entry.member);
      }
    }
    return members;
  };
  ASSERT_THAT(Release(), IsOk());
  const std::size_t before = events().size();
  Second(both());
  EXPECT_EQ(events().size(), before + 1);
}

TEST_F(BreakerReleaseTest, TheListIsPagedByName) {
  UseBreakers("{each: type, gestures: 1, within: 10m}, {each: policy, gestures: 1, within: 10m}");
  ReportMany(*one_, "a", 2);  // held by the policy's breaker, which is asked first
  ASSERT_OK_AND_ASSIGN(const BreakerPage page, SyncWait(one_->control.List(1, "", Soon())));
  ASSERT_EQ(page.breakers.size(), 1U);
  EXPECT_EQ(page.breakers[0].stored.name, "policy/late-delivery");
  EXPECT_TRUE(page.next_page_token.empty());
  Incident lost = Late("b");
  lost.type = "lost_parcel";
  lost.attributes.clear();
  EXPECT_EQ(Report(*one_, lost), "granted GRANTED 50.00 EUR");
  lost.id = IncidentId("c");
  EXPECT_EQ(Report(*one_, lost), kHeld);
  ASSERT_OK_AND_ASSIGN(const BreakerPage first, SyncWait(one_->control.List(1, "", Soon())));
  ASSERT_FALSE(first.next_page_token.empty());
  ASSERT_OK_AND_ASSIGN(const BreakerPage second,
                       SyncWait(one_->control.List(1, first.next_page_token, Soon())));
  ASSERT_EQ(second.breakers.size(), 1U);
  EXPECT_EQ(second.breakers[0].stored.name, "policy/lost-parcel");
  EXPECT_THAT(SyncWait(one_->control.List(1, "x", Soon())),
              StatusIs(Code::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST(BreakerAllowanceTest, IsNeverMoreThanTheRateNorThanTwoSeconds) {
  const Instant begin = *ParseInstant("2026-10-15T12:00:00Z");
  BreakerRelease release{.request_id = {}, .per_minute = 7, .worker = {}, .paced_until = begin};
  int taken = 0;
  for (int ms = 0; ms <= 600'000; ms += 333) {
    taken += static_cast<int>(TakeAllowance(release, begin + std::chrono::milliseconds(ms)));
    EXPECT_LE(taken * 60'000, ms * 7);
  }
  EXPECT_GE(taken, 68);
  release.per_minute = 60'000;
  EXPECT_EQ(TakeAllowance(release, begin + std::chrono::hours(24 * 365)), 2'000);
  EXPECT_EQ(TakeAllowance(release, begin + std::chrono::hours(24 * 365)), 0);
  EXPECT_EQ(TakeAllowance(release, begin), 0) << "a clock that goes backwards";
}

}  // namespace
}  // namespace kulanz::app
