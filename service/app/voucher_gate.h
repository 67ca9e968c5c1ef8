// VoucherGate: what stands between a caller and the vouchers: the throttle for who guesses, and one public
// answer for every refusal to who is not trusted.
//
//   co_return co_await gate.Pass(visit, vouchers.Redeem(std::move(request), deadline));
//
// Refused by the throttle, the work is never started. Of an untrusted caller every refusal counts as a wrong
// code, so that not even the throttle tells a voucher that exists from one that does not. Failures of the
// service itself (UNAVAILABLE, ...) stay as they are.
//
// Thread-safety: any thread. Outlives its tasks.
#pragma once

#include <string>
#include <utility>

#include "service/app/caller_trust.h"
#include "service/app/code_pools.h"
#include "service/app/guess_throttle.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/ids.h"
#include "service/domain/time.h"

namespace kulanz::app {

struct VoucherVisit {
  Caller caller;
  std::string code;     // as typed; or the id of the voucher
  CustomerId customer;  // may be empty
  Deadline deadline;
};

class VoucherGate {
 public:
  // `pools` may be null: then no code is one of a pool.
  VoucherGate(GuessThrottle& throttle, const CallerTrust& trust, CodePools* pools)
      : throttle_(throttle), trust_(trust), pools_(pools) {}

  // As `work`, and RESOURCE_EXHAUSTED / TOO_MANY_WRONG_CODES with the time to wait; to trusted callers also
  // FAILED_PRECONDITION / POOL_CODE when the code is one of a pool, which the shop's engine redeems.
  template <typename T>
  Task<Result<T>> Pass(VoucherVisit visit, Task<Result<T>> work) {
    const GuessThrottle::Attempt attempt = AttemptOf(visit);
    if (Status refused = throttle_.Begin(attempt); !refused.ok()) {
      co_return refused;
    }
    Result<T> result = co_await std::move(work);
    Status status = result.ok() ? Status::Ok() : result.status();
    if (attempt.trusted && IsUnknownCode(status)) {
      status = co_await ExplainUnknown(visit);
    }
    throttle_.End(attempt, OutcomeOf(visit, attempt, status));
    if (status.ok()) {
      co_return std::move(result);
    }
    co_return attempt.trusted ? status : Masked(status);
  }

 private:
  GuessThrottle::Attempt AttemptOf(const VoucherVisit& visit) const;
  static bool IsUnknownCode(const Status& status);
  Task<Status> ExplainUnknown(VoucherVisit visit) const;
  static CodeOutcome OutcomeOf(const VoucherVisit& visit, const GuessThrottle::Attempt& attempt,
                               const Status& status);
  static Status Masked(const Status& status);

  GuessThrottle& throttle_;
  const CallerTrust& trust_;
  CodePools* const pools_;
};

}  // namespace kulanz::app
