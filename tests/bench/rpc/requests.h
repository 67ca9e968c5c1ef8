// The messages of the benchmark, serialised before the clock runs.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <string>
#include <vector>

namespace kulanz::bench {

enum class Shape : std::uint8_t { kUnary, kStream };

struct IncidentSet {
  std::string prefix;  // of the incident ids: another prefix, other incidents
  std::uint64_t count = 0;
  std::uint64_t customers = 0;  // incidents go round them
};

// One ReportIncidentRequest or StreamIncidentsRequest each, of late deliveries.
std::vector<grpc::ByteBuffer> ReportRequests(const IncidentSet& set, Shape shape);

// One UpsertCustomerRequest each.
std::vector<grpc::ByteBuffer> CustomerRequests(std::uint64_t customers);

// A ReportIncidentResponse as a grant gives it, for servers that decide nothing.
grpc::ByteBuffer GrantedResponse();
// The same as an answer on the stream.
grpc::ByteBuffer GrantedStreamResponse(const std::string& request_id);

// Whether an answer is a grant with a code: the benchmark measures decisions, not refusals.
bool IsGrant(const grpc::ByteBuffer& response, Shape shape);

}  // namespace kulanz::bench
