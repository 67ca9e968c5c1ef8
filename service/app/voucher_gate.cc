#include "service/app/voucher_gate.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "service/app/voucher_file.h"
#include "service/domain/voucher_code.h"

namespace kulanz::app {
namespace {

constexpr std::string_view kNotRedeemable = "VOUCHER_NOT_REDEEMABLE";

// Preconditions that are the service's and not the voucher's: to hide them would hide an outage.
constexpr std::array<std::string_view, 3> kOperational = {"NO_GENESIS", "STORE_LOST_WRITES",
                                                          "POOLS_NOT_SET_UP"};

// Whether the status says something about a voucher, or about what may be done with it.
bool IsRefusal(const Status& status) {
  switch (status.code()) {
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kPermissionDenied:
      return true;
    case Code::kFailedPrecondition:
      return std::find(kOperational.begin(), kOperational.end(), status.reason()) ==
             kOperational.end();
    default:
      return false;
  }
}

}  // namespace

GuessThrottle::Attempt VoucherGate::AttemptOf(const VoucherVisit& visit) const {
  return {visit.caller, trust_.IsTrusted(visit.caller), visit.customer};
}

bool VoucherGate::IsUnknownCode(const Status& status) {
  return status.code() == Code::kNotFound && status.reason() == kNotRedeemable;
}

Task<Status> VoucherGate::ExplainUnknown(VoucherVisit visit) const {
  auto code = PoolCode::Parse(visit.code);
  if (pools_ == nullptr || !code || !pools_->in_use()) {
    co_return NotRedeemable();
  }
  const auto known = co_await pools_->Knows(*std::move(code), visit.deadline);
  if (!known.ok()) {
    co_return known.status();
  }
  if (!*known) {
    co_return NotRedeemable();
  }
  co_return Status(Code::kFailedPrecondition, "POOL_CODE",
                   "the code is one of the shop's own coupon engine, which redeems it");
}

CodeOutcome VoucherGate::OutcomeOf(const VoucherVisit& visit, const GuessThrottle::Attempt& attempt,
                                   const Status& status) {
  const bool wrong = attempt.trusted ? IsUnknownCode(status) : IsRefusal(status);
  if (!wrong) {
    return CodeOutcome::kRight;
  }
  return VoucherCode::Parse(visit.code) ? CodeOutcome::kWrong : CodeOutcome::kTypo;
}

Status VoucherGate::Masked(const Status& status) {
  return IsRefusal(status) ? NotRedeemable() : status;
}

}  // namespace kulanz::app
