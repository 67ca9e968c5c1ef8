// TraceAccess: what an operator says of traces: where they are sent, and of which calls.
//
// Thread-safety: plain values.
#pragma once

#include <memory>
#include <string>

#include "service/base/result.h"
#include "service/ports/log.h"
#include "service/ports/span_sink.h"

namespace CLI {
class App;
}

namespace kulanz::server {

struct TraceAccess {
  std::string endpoint;      // of the receiver, without /v1/traces; empty: no traces
  std::string service_name;  // what they are found by
  std::string ca_file;       // empty: what the system trusts
  std::string headers_file;  // credentials; empty: none
  double root_ratio = 0.01;  // of the calls that come without a trace

  bool sends() const { return !endpoint.empty(); }
};

// --otlp-endpoint, ... and their KULANZ_* variables.
void AddTraceOptions(CLI::App& app, TraceAccess& access);

// Completes `access` from what was given, and where nothing was from OTEL_EXPORTER_OTLP_ENDPOINT and
// OTEL_SERVICE_NAME. Everything that is wrong, one line each; empty: nothing.
std::string Understand(TraceAccess& access);

// Where traces are sent by OTLP. In a kulanzd that was built without it (KULANZ_OTLP=OFF) both refuse, with
// FAILED_PRECONDITION / NO_OTLP; otherwise INVALID_ARGUMENT / OTLP_URL, and, once it is opened,
// FAILED_PRECONDITION / OTLP_HEADERS.
Status CheckTraceReceiver(const TraceAccess& access);
Result<std::unique_ptr<ports::SpanSink>> OpenTraceReceiver(const TraceAccess& access,
                                                           const std::string& version,
                                                           ports::SpanTelemetry& telemetry,
                                                           ports::Log& log);

}  // namespace kulanz::server
