// Traces: the spans of calls, from the call's end to the receiver's door.
//
// Thread-safety: one owner; the observer serves any thread.
#pragma once

#include <memory>

#include "service/adapters/grpc/trace_observer.h"
#include "service/kulanzd/trace_access.h"
#include "service/ports/entropy.h"
#include "service/ports/log.h"
#include "service/ports/span_sink.h"

namespace kulanz::server {

class Traces {
 public:
  // `access` sends; the others outlive it. As OpenTraceReceiver.
  static Result<std::unique_ptr<Traces>> Open(const TraceAccess& access, ports::Entropy& entropy,
                                              ports::SpanTelemetry& telemetry, ports::Log& log);

  rpc::CallObserver& observer() { return observer_; }
  // When there are no calls any more: sends what there is, for so long at the most and a second.
  void Drain(Duration patience);

 private:
  Traces(std::unique_ptr<ports::SpanSink> sink, ports::Entropy& entropy, double root_ratio)
      : sink_(std::move(sink)), observer_(*sink_, entropy, root_ratio) {}

  const std::unique_ptr<ports::SpanSink> sink_;
  rpc::TraceObserver observer_;
};

}  // namespace kulanz::server
