// StoredValueFixture: vouchers of 50 EUR that are used in parts, and what they are worth together.
#pragma once

#include <string>
#include <utility>

#include "service/app/liability.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {

class StoredValueFixture : public AppFixture {
 protected:
  Incident LostParcel(std::string id) {
    Incident incident;
    incident.id = IncidentId(std::move(id));
    incident.customer = CustomerId("C-1");
    incident.type = "lost_parcel";
    incident.occurred_at = now_;
    return incident;
  }
  std::string Issue(std::string id) {
    KnownCustomer();
    const auto decided = Report(LostParcel(std::move(id)));
    EXPECT_TRUE(decided.ok()) << decided.status().ToString();
    return decided->code->Reveal("GIFT");
  }
  Result<RedeemedVoucher> Redeem(std::string code, std::string id, std::string_view amount,
                                 std::string order = "O-1") {
    return SyncWait(
        vouchers_.Redeem({std::move(code), CustomerId("C-1"), RedemptionId(std::move(id)),
                          OrderId(std::move(order)), std::nullopt, Eur(amount), std::nullopt},
                         Soon()));
  }
  Result<ReservedVoucher> Reserve(std::string code, std::string id, std::string order) {
    ReserveRequest request;
    request.code = std::move(code);
    request.customer = CustomerId("C-1");
    request.command.id = ReservationId(std::move(id));
    request.command.order = OrderId(std::move(order));
    return SyncWait(vouchers_.Reserve(std::move(request), Soon()));
  }
  // Of all partitions, in cents.
  std::int64_t Liability() {
    std::int64_t sum = 0;
    for (std::uint16_t number = 0; number < keys_.partition_count(); ++number) {
      const auto read = SyncWait(ReadLiability(dependencies_, {number}, Soon()));
      EXPECT_TRUE(read.ok());
      for (const auto& [currency, minor_units] : *read) {
        EXPECT_EQ(currency, "EUR");
        sum += minor_units;
      }
    }
    return sum;
  }
};

}  // namespace kulanz::app
