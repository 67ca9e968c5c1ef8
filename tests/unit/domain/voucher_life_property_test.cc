// No sequence of commands redeems a voucher beyond its worth, and its sums hold at every step: random lives,
// judged by an account that knows nothing but the answers.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "tests/unit/domain/voucher_fixture.h"

namespace kulanz {
namespace {

class VoucherLifeProperty : public VoucherFixture {
 protected:
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  std::string Pick(const char* prefix, std::uint64_t of) {
    return prefix + std::to_string(Below(of));
  }
  std::optional<std::int64_t> AnAmount() {
    return Below(2) == 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(1 + Below(5100)));
  }

  VoucherCommand ACommand() {
    switch (Below(12)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        RedeemCommand redeem = Redeem(Pick("R-", 12), Pick("O-", 3), AnAmount());
        if (Below(4) == 0) {
          redeem.reservation = ReservationId(Pick("H-", 8));
        }
        if (Below(3) == 0) {
          redeem.order_total = Eur(static_cast<std::int64_t>(Below(6000)));
        }
        return redeem;
      }
      case 4:
      case 5:
      case 6: {
        ReserveCommand reserve = Reserve(Pick("H-", 8), Pick("O-", 3), AnAmount());
        reserve.hold_for =
            kHoldMin + Duration{static_cast<std::int64_t>(
                           Below(static_cast<std::uint64_t>((kHoldMax - kHoldMin).count())))};
        return reserve;
      }
      case 7:
        return ReleaseCommand{ReservationId(Pick("H-", 8))};
      case 8:
      case 9:
        return Reverse(Pick("R-", 12), Pick("O-", 3));
      case 10:
        return Below(8) == 0 ? VoucherCommand(RevokeCommand{RevocationId(Pick("V-", 2)), "why"})
                             : VoucherCommand(SettleCommand{});
      default:
        return Below(8) == 0 ? VoucherCommand(ReissueCommand{ReissueId(Pick("N-", 2)), "why"})
                             : VoucherCommand(SettleCommand{});
    }
  }

  // The answers' account: what each redemption took, and which were reversed.
  struct Account {
    std::map<std::string, std::int64_t> taken;
    std::set<std::string> reversed;
    std::int64_t sum() const {
      std::int64_t total = 0;
      for (const auto& [id, amount] : taken) {
        total += reversed.contains(id) ? 0 : amount;
      }
      return total;
    }
  };

  void Judge(const VoucherCommand& command, Account& account) {
    if (const auto* redeem = std::get_if<RedeemCommand>(&command)) {
      const std::string& id = redeem->id.text();
      ASSERT_FALSE(account.reversed.contains(id)) << "a reversed id has redeemed";
      const std::int64_t amount = FindRedemption(life_, redeem->id)->amount.minor_units();
      ASSERT_EQ(account.taken.contains(id), last_.replayed);
      ASSERT_EQ(account.taken.try_emplace(id, amount).first->second, amount);
    } else if (const auto* reverse = std::get_if<ReverseCommand>(&command)) {
      ASSERT_EQ(account.reversed.contains(reverse->id.text()), last_.replayed);
      account.reversed.insert(reverse->id.text());
    }
  }

  std::mt19937_64 random_{1};
};

TEST_F(VoucherLifeProperty, NoSequenceRedeemsBeyondWorth) {
  std::size_t accepted = 0;
  for (int run = 0; run < 3000; ++run) {
    random_.seed(static_cast<std::uint64_t>(run));
    SCOPED_TRACE("seed " + std::to_string(run));
    terms_.stored_value = Below(3) != 0;
    life_ = NewVoucherLife(terms_);
    now_ = terms_.valid_until - std::chrono::days{10};
    std::int64_t liability = 5000;
    Account account;
    for (int step = 0; step < 60; ++step) {
      now_ += Duration{static_cast<std::int64_t>(Below(2) == 0 ? 0 : Below(86'400'000))};
      const VoucherCommand command = ACommand();
      const VoucherLife before = life_;
      if (!Do(command).ok()) {
        ASSERT_EQ(life_, before);
        continue;
      }
      ++accepted;
      liability += last_.flow.liability();
      if (last_.successor) {
        life_ = *last_.successor;
        ASSERT_EQ(AuditVoucherLife(terms_, life_), std::vector<std::string>{});
      }
      Judge(command, account);
      ASSERT_LE(account.sum(), 5000);
      ASSERT_EQ(liability, life_.remaining_minor_units);
      if (HasFatalFailure() || HasNonfatalFailure()) {
        return;
      }
    }
  }
  EXPECT_GT(accepted, 50'000U);
}

TEST_F(VoucherLifeProperty, ItMakesNoDifferenceWhenTimeWasSettled) {
  for (int run = 0; run < 1000; ++run) {
    random_.seed(static_cast<std::uint64_t>(run));
    SCOPED_TRACE("seed " + std::to_string(run));
    terms_.stored_value = Below(3) != 0;
    VoucherLife lazy = NewVoucherLife(terms_);
    VoucherLife eager = lazy;
    now_ = terms_.valid_until - std::chrono::days{6};
    for (int step = 0; step < 40; ++step) {
      const Instant next = now_ + Duration{static_cast<std::int64_t>(Below(43'200'000))};
      while (const auto due = NextSettlement(terms_, eager)) {
        if (*due + Duration{1} > next) {
          break;
        }
        eager = Settled(terms_, eager, *due + Duration{1});
      }
      now_ = next;
      const VoucherCommand command = ACommand();
      const auto from_lazy = Apply(terms_, lazy, command, now_);
      const auto from_eager = Apply(terms_, eager, command, now_);
      ASSERT_EQ(from_lazy.ok(), from_eager.ok());
      if (!from_lazy.ok()) {
        ASSERT_EQ(from_lazy.status().ToString(), from_eager.status().ToString());
        continue;
      }
      ASSERT_EQ(from_lazy->life, from_eager->life);
      lazy = from_lazy->successor.value_or(from_lazy->life);
      eager = lazy;
    }
  }
}

}  // namespace
}  // namespace kulanz
