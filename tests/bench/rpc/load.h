// Load: many calls against one server from one thread, with a fixed number in flight.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tests/bench/rpc/requests.h"

namespace kulanz::bench {

struct LoadResult {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::size_t failures = 0;  // calls that did not end with OK
  std::size_t grants = 0;    // answers that are a grant
  std::string first_failure;
};

// Unary calls of `method` ("/kulanz.v1.IncidentService/ReportIncident").
LoadResult CallUnary(const std::string& target, const std::string& method,
                     const std::vector<grpc::ByteBuffer>& requests, std::size_t in_flight);

// One bidirectional stream with at most `in_flight` unanswered requests. Latency is by order of arrival,
// because answers may overtake each other; the percentiles are exact for servers that do not reorder.
LoadResult CallStream(const std::string& target, const std::string& method,
                      const std::vector<grpc::ByteBuffer>& requests, std::size_t in_flight);

}  // namespace kulanz::bench
