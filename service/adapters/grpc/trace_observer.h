// TraceObserver: makes a span of each call that is to be traced, by the W3C's trace context.
//
// Whoever calls decides: a `traceparent` that is sampled makes a span below the caller's, one that is not makes none.
// Without one a share of the calls begins a trace of its own. Health checks and methods that nobody may call make
// none. A message of a bidirectional stream is a call of its own, and so is its span.
//
// Thread-safety: any thread.
#pragma once

#include <cstdint>

#include "service/adapters/grpc/call_steps.h"
#include "service/ports/entropy.h"
#include "service/ports/span_sink.h"

namespace kulanz::rpc {

class TraceObserver final : public CallObserver {
 public:
  // Both outlive it. `root_ratio`: of the calls without a traceparent, 0 to 1.
  TraceObserver(ports::SpanSink& sink, ports::Entropy& entropy, double root_ratio);

  void Finished(const Call& call, const Status& status, ports::Telemetry::Seconds latency) override;

 private:
  bool BeginsTrace(std::uint64_t random) const { return (random >> 11U) < root_below_; }

  ports::SpanSink& sink_;
  ports::Entropy& entropy_;
  const std::uint64_t root_below_;  // of 2^53
};

}  // namespace kulanz::rpc
