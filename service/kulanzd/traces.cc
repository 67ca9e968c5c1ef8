#include "service/kulanzd/traces.h"

#include <utility>

namespace kulanz::server {

Result<std::unique_ptr<Traces>> Traces::Open(const TraceAccess& access, ports::Entropy& entropy,
                                             ports::SpanTelemetry& telemetry, ports::Log& log) {
  KULANZ_ASSIGN_OR_RETURN(std::unique_ptr<ports::SpanSink> sink,
                          OpenTraceReceiver(access, KULANZ_VERSION, telemetry, log));
  return std::unique_ptr<Traces>(new Traces(std::move(sink), entropy, access.root_ratio));
}

void Traces::Drain(Duration patience) { sink_->Drain(patience); }

}  // namespace kulanz::server
