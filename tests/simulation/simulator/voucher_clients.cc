// Clients' calls about vouchers: everything that may be done to one from issue to its end.
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/simulator/client_calls.h"

namespace kulanz::simulation {
namespace {

constexpr std::size_t kVoucherPage = 3;

const Currency& Eur() {
  static const Currency kEur = *Currency::FromCode("EUR");
  return kEur;
}

std::optional<Money> AmountOf(std::int64_t minor_units) {
  return minor_units == 0 ? std::nullopt
                          : std::optional(*Money::FromMinorUnits(minor_units, Eur()));
}

// What is asked, apart from its attempts.
struct Request {
  Change change;
  std::string code;
  std::string id;
  std::string order;
  std::string customer;
  std::int64_t amount = 0;
  Duration hold_for{0};
  std::string voucher_id;

  app::VoucherReference reference() const {
    return {voucher_id.empty() ? code : std::string(), voucher_id};
  }
};

using Done = ChangeLog::Success;

Task<Result<Done>> Reserve(SimServer& server, Request order, Deadline deadline) {
  app::ReserveRequest request;
  request.code = order.code;
  request.customer = CustomerId(order.customer);
  request.command.id = ReservationId(order.id);
  request.command.order = OrderId(order.order);
  request.command.amount = AmountOf(order.amount);
  request.command.order_total = AmountOf(kMinimumOrder);
  request.command.hold_for = order.hold_for;
  const auto done = co_await server.vouchers().Reserve(std::move(request), deadline);
  if (!done.ok()) {
    co_return done.status();
  }
  Done success;
  success.replayed = done->replayed;
  success.amount = done->reservation.minor_units;
  success.held_until = done->reservation.expires_at;
  co_return success;
}

Task<Result<Done>> Release(SimServer& server, Request order, Deadline deadline) {
  app::VoucherReference reference{order.code, {}};
  const auto done =
      co_await server.vouchers().Release(std::move(reference), ReservationId(order.id), deadline);
  if (!done.ok()) {
    co_return done.status();
  }
  Done success;
  success.replayed = done->replayed;
  co_return success;
}

Task<Result<Done>> Reverse(SimServer& server, Request order, Deadline deadline) {
  app::VoucherReference reference{order.code, {}};
  const auto done = co_await server.vouchers().Reverse(std::move(reference), RedemptionId(order.id),
                                                       OrderId(order.order), deadline);
  if (!done.ok()) {
    co_return done.status();
  }
  Done success;
  success.replayed = done->replayed;
  success.amount = done->redemption.amount.minor_units();
  success.usable_until = done->voucher.usable_until();
  co_return success;
}

Task<Result<Done>> Revoke(SimServer& server, Request order, Deadline deadline) {
  app::VoucherReference reference = order.reference();
  RevokeCommand command{RevocationId(order.id), "fraud"};
  const auto done =
      co_await server.vouchers().Revoke(std::move(reference), std::move(command), deadline);
  if (!done.ok()) {
    co_return done.status();
  }
  Done success;
  success.replayed = done->replayed;
  co_return success;
}

Task<Result<Done>> Reissue(SimServer& server, Request order, Deadline deadline) {
  app::VoucherReference reference = order.reference();
  ReissueCommand command{ReissueId(order.id), "lost"};
  const auto done =
      co_await server.vouchers().Reissue(std::move(reference), std::move(command), deadline);
  if (!done.ok()) {
    co_return done.status();
  }
  Done success;
  success.replayed = done->replayed;
  success.new_code = done->code.Reveal("");
  success.new_voucher = done->voucher.id;
  co_return success;
}

Task<Result<Done>> PerformAt(SimServer& server, Request order, Deadline deadline) {
  switch (order.change) {
    case Change::kReserve:
      return Reserve(server, std::move(order), deadline);
    case Change::kRelease:
      return Release(server, std::move(order), deadline);
    case Change::kReverse:
      return Reverse(server, std::move(order), deadline);
    case Change::kRevoke:
      return Revoke(server, std::move(order), deadline);
    case Change::kReissue:
      break;
  }
  return Reissue(server, std::move(order), deadline);
}

}  // namespace

std::string_view ChangeName(Change change) {
  constexpr std::array<std::string_view, 5> kNames = {"reserve", "release", "reverse", "revoke",
                                                      "reissue"};
  return kNames.at(static_cast<std::size_t>(change));
}

Task<void> Clients::Redeem(RedemptionLog& log, int attempts_max) {
  app::RedeemRequest request{log.code, CustomerId(log.customer), RedemptionId(log.id),
                             OrderId(log.order), *AmountOf(log.order_total)};
  request.amount = AmountOf(log.amount);
  if (!log.reservation.empty()) {
    request.reservation = ReservationId(log.reservation);
  }
  const Call<app::RedeemedVoucher> call = [request](SimServer& server, Deadline deadline) {
    return server.vouchers().Redeem(request, deadline);
  };
  const std::string what = "redeem " + log.code + " as " + log.id + " for " + log.order + " by " +
                           log.customer +
                           (log.reservation.empty() ? "" : " from " + log.reservation) + " -> ";
  for (bool again = true; again;) {
    auto told = co_await Ask<app::RedeemedVoucher>(call);
    log.attempts.push_back(told.attempt);
    std::string more;
    if (told.value) {
      const app::RedeemedVoucher& redeemed = *told.value;
      const std::int64_t amount = redeemed.redemption.amount.minor_units();
      log.successes.push_back({log.attempts.size() - 1, amount, redeemed.replayed});
      more = " " + std::to_string(amount) + (redeemed.replayed ? " (replayed)" : "");
    }
    cluster_.trace().Note(what + OutcomeOf(told.attempt) + more);
    again = co_await TriesAgain(told.attempt, log.attempts.size(), attempts_max);
  }
}

Task<void> Clients::Perform(ChangeLog& log, int attempts_max) {
  const Request order{log.change,   log.code,   log.id,       log.order,
                      log.customer, log.amount, log.hold_for, log.voucher_id};
  const Call<Done> call = [order](SimServer& server, Deadline deadline) {
    return PerformAt(server, order, deadline);
  };
  const std::string what = std::string(ChangeName(log.change)) + " " + log.code + " as " + log.id +
                           (log.order.empty() ? "" : " for " + log.order) + " -> ";
  for (bool again = true; again;) {
    auto told = co_await Ask<Done>(call);
    log.attempts.push_back(told.attempt);
    std::string more;
    if (told.value) {
      told.value->attempt = log.attempts.size() - 1;
      log.successes.push_back(*told.value);
      const Done& done = log.successes.back();
      more = done.amount == 0 ? "" : " " + std::to_string(done.amount);
      more += done.new_code.empty() ? "" : " as " + done.new_code;
      more += done.replayed ? " (replayed)" : "";
    }
    cluster_.trace().Note(what + OutcomeOf(told.attempt) + more);
    if (told.value && !told.value->new_code.empty()) {
      Facts facts;
      facts.customer = NumberIn(log.customer);
      NotePoolCode(told.value->new_code, told.value->new_voucher);
      Learn(told.value->new_code, facts);
    }
    again = co_await TriesAgain(told.attempt, log.attempts.size(), attempts_max);
  }
}

Task<void> Clients::ListVouchers(std::size_t customer) {
  std::vector<std::string>& listed = journal_.vouchers_listed[customer];
  listed.clear();
  std::string token;
  do {
    const Call<app::VoucherPage> call = [customer, token](SimServer& server, Deadline deadline) {
      return server.vouchers().List(CustomerId(CustomerName(customer)), {}, kVoucherPage, token,
                                    deadline);
    };
    auto page =
        co_await AskOn<app::VoucherPage>(call, "list vouchers of " + CustomerName(customer));
    if (!page) {
      co_return;
    }
    for (const Voucher& voucher : page->vouchers) {
      listed.push_back(voucher.id);
    }
    token = page->next_page_token;
  } while (!token.empty());
}

std::optional<std::int64_t> Clients::Liability() const {
  const auto& told = cluster_.common().telemetry.liability;
  const auto found = told.find("EUR");
  return found == told.end() ? std::nullopt : std::optional(found->second);
}

Task<void> Clients::Look(std::string code) {
  app::VoucherReference reference{code, {}};
  if (const auto its = journal_.pool_vouchers.find(code); its != journal_.pool_vouchers.end()) {
    reference = {{}, *its->second.begin()};
  }
  const Call<Voucher> call = [reference](SimServer& server, Deadline deadline) {
    return server.vouchers().Get(reference, deadline);
  };
  auto voucher = co_await AskOn<Voucher>(call, "look at " + code);
  if (voucher) {
    cluster_.trace().Note(code + " is " + std::string(VoucherStateName(voucher->state)) +
                          ", letter " + std::string(DeliveryStateName(voucher->delivery.state)));
    journal_.vouchers.insert_or_assign(code, *std::move(voucher));
  }
}

}  // namespace kulanz::simulation
