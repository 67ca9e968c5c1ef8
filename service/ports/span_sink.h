// SpanSink: where the spans of traces go.
//
// Port. Implemented by OtlpExporter (adapters/otlp). Of a call a span has its method, times and outcome: never an
// id of the domain, a name, an address or a code. Thread-safety: Ended from any thread, and it does not block; Drain by
// one owner.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/domain/time.h"

namespace kulanz::ports {

// A call that this server has served.
struct Span {
  std::string trace_id = {};        // 32 lower-case hexadecimal digits, not all 0
  std::string span_id = {};         // 16 of them
  std::string parent_span_id = {};  // 16: of the caller's span; empty: the trace begins here
  std::string_view service = {};    // "kulanz.v1.IncidentService"; with static storage, as the next
  std::string_view method = {};     // "ReportIncident"
  std::int64_t start_ns = 0;        // since 1970
  std::int64_t end_ns = 0;          // not before start_ns
  int status_code = 0;              // gRPC's number
  std::string reason = {};          // the stable token of a failure; empty when it went well
};

class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Ended(Span span) = 0;
  // Sends what it has, for so long and a second at the most; the rest, and what ends later, is given up.
  virtual void Drain(Duration patience) = 0;
};

// What became of spans, for whoever watches the server.
class SpanTelemetry {
 public:
  virtual ~SpanTelemetry() = default;
  // `result`: "exported"; lost: "queue_full", "rejected" (by the receiver), "given_up" (after all attempts, or at
  // the end of the server).
  virtual void SpansHandled(std::string_view result, std::uint64_t count) = 0;
};

}  // namespace kulanz::ports
