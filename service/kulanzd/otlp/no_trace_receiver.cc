// With KULANZ_OTLP=OFF: nobody is sent traces.
#include "service/kulanzd/trace_access.h"

namespace kulanz::server {
namespace {

Status NoOtlp() {
  return Status(Code::kFailedPrecondition, "NO_OTLP",
                "this kulanzd was built without OTLP (KULANZ_OTLP=OFF)");
}

}  // namespace

Status CheckTraceReceiver(const TraceAccess& /*access*/) { return NoOtlp(); }

Result<std::unique_ptr<ports::SpanSink>> OpenTraceReceiver(const TraceAccess& /*access*/,
                                                           const std::string& /*version*/,
                                                           ports::SpanTelemetry& /*telemetry*/,
                                                           ports::Log& /*log*/) {
  return NoOtlp();
}

}  // namespace kulanz::server
