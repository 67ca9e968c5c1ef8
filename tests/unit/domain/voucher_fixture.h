// A voucher of 50 EUR whose life a test leads by commands; after each the life is audited.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/domain/voucher_commands.h"

namespace kulanz {

class VoucherFixture : public ::testing::Test {
 protected:
  static constexpr Duration kGrace = std::chrono::days{14};

  static Money Eur(std::int64_t minor_units) {
    return *Money::FromMinorUnits(minor_units, *Currency::FromCode("EUR"));
  }

  static RedeemCommand Redeem(std::string id, std::string order,
                              std::optional<std::int64_t> minor_units = std::nullopt) {
    RedeemCommand command;
    command.id = RedemptionId(std::move(id));
    command.order = OrderId(std::move(order));
    if (minor_units) {
      command.amount = Eur(*minor_units);
    }
    return command;
  }
  static ReserveCommand Reserve(std::string id, std::string order,
                                std::optional<std::int64_t> minor_units = std::nullopt) {
    ReserveCommand command;
    command.id = ReservationId(std::move(id));
    command.order = OrderId(std::move(order));
    if (minor_units) {
      command.amount = Eur(*minor_units);
    }
    return command;
  }
  ReverseCommand Reverse(std::string id, std::string order) const {
    return {RedemptionId(std::move(id)), OrderId(std::move(order)), now_ + kGrace};
  }

  // What the command answers; the life goes on when it is accepted.
  Status Do(const VoucherCommand& command) {
    auto change = Apply(terms_, life_, command, now_);
    if (!change.ok()) {
      return change.status();
    }
    last_ = *std::move(change);
    EXPECT_EQ(last_.changed, last_.life != life_);
    EXPECT_EQ(last_.life.remaining_minor_units +
                  (last_.successor ? last_.successor->remaining_minor_units : 0),
              life_.remaining_minor_units + last_.flow.liability());
    life_ = last_.life;
    EXPECT_EQ(AuditVoucherLife(terms_, life_), std::vector<std::string>{});
    return Status::Ok();
  }

  Instant now_ = *ParseInstant("2026-10-15T12:00:00Z");
  VoucherTerms terms_{.amount = Eur(5000),
                      .valid_until = *ParseInstant("2026-12-31T22:59:59.999Z"),
                      .zone = "Europe/Berlin",
                      .prefix = "",
                      .minimum_order = std::nullopt,
                      .transferable = false,
                      .stored_value = false};
  VoucherLife life_ = NewVoucherLife(terms_);
  VoucherChange last_;
};

}  // namespace kulanz
