// AccessLog: one line for a call that has ended: every one that failed, and of the others one in so many.
//
//   {"ts":"...","level":"info","event":"call","message":"a call has ended","method":"kulanz.v1.VoucherService/
//    RedeemVoucher","code":"OK","reason":"","duration_ms":"3.214","caller":"spiffe://shop.example/checkout",
//    "one_in":"100","request_id":"7f3a...","trace_id":"4bf9..."}                  (on one line)
//
// It knows nothing else of a call: no field of a request or an answer, no message of an error (which may quote
// one), no credentials. A request id is the caller's own word; one that reads as a voucher code is left out. Lines
// are limited by the log, so that a flood of refused calls is not one of lines, too.
//
// Thread-safety: any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "service/adapters/grpc/call_steps.h"
#include "service/ports/log.h"

namespace kulanz::rpc {

class AccessLog final : public CallObserver {
 public:
  // `log` outlives it. `one_in`: of the calls that went well; 0: none. Health checks only when they fail.
  AccessLog(ports::Log& log, std::uint32_t one_in) : log_(log), one_in_(one_in) {}

  void Finished(const Call& call, const Status& status, ports::Telemetry::Seconds latency) override;

 private:
  bool IsWanted(const Call& call, const Status& status);

  ports::Log& log_;
  const std::uint32_t one_in_;
  std::atomic<std::uint32_t> served_{0};
};

// What may stand in a log for a caller's request id: itself, or "redacted" if it reads as a voucher code.
std::string_view RequestIdForLogs(std::string_view request_id);

}  // namespace kulanz::rpc
