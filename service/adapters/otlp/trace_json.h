// Spans as OTLP's JSON: an ExportTraceServiceRequest by the mapping of the OTLP specification, which is protobuf's but
// for ids in hexadecimal and enums as numbers. Attributes are OpenTelemetry's semantic conventions for RPC as of
// kTraceSchemaUrl, which clients' instrumentation still writes by default.
//
// Thread-safe; pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "service/ports/span_sink.h"

namespace kulanz::adapters {

inline constexpr std::string_view kTraceSchemaUrl = "https://opentelemetry.io/schemas/1.37.0";

// Who tells: the same for all spans of a process.
struct TraceResource {
  std::string service_name = "kulanz";
  std::string service_version = {};      // "0.1.0"
  std::string service_instance_id = {};  // tells replicas apart
};

std::string TraceJson(const TraceResource& resource, std::span<const ports::Span> spans);

// Whether the semantic conventions call this status of gRPC an error of the server; a caller's mistake is none.
bool IsServerError(int status_code);

}  // namespace kulanz::adapters
