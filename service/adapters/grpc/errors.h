// Errors on the wire: a Status as grpc::Status with google.rpc details, and within a stream's answers.
//
// Every error carries ErrorInfo{reason, "kulanz.dev", metadata}; violations become BadRequest, a retry
// hint becomes RetryInfo and, for gRPC's own retries, the trailer `grpc-retry-pushback-ms`. UNAVAILABLE always has a
// RetryInfo; without a hint, nothing is known of when, and gRPC's own retries keep to the client's backoff. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <string_view>

#include "google/rpc/status.pb.h"
#include "service/base/status.h"

namespace kulanz::rpc {

inline constexpr std::string_view kErrorDomain = "kulanz.dev";

// Clients refuse trailers above 8 kB in all (gRPC's default), and the details travel as base64 beside
// the percent-encoded message: so both are bounded here. What does not fit is counted in a last violation.
inline constexpr std::size_t kErrorDetailsBytesMax = 4500;
inline constexpr std::size_t kErrorMessageBytesMax = 512;

// RetryInfo of an UNAVAILABLE whose cause does not know better. The first pause of deploy/client.
inline constexpr std::chrono::milliseconds kRetryAfterDefault{200};

// `status` is not OK.
void ToProto(const Status& status, google::rpc::Status& out);

// Ends a call with `status` (OK too): adds the pushback trailer to `context`.
grpc::Status ToGrpc(const Status& status, grpc::ServerContextBase& context);

// The use-case adds its violations to those that the adapter found, and may then complain that a field
// is missing which only could not be read. Of every field that was in `read`, only those stay.
Status WithoutEchoes(const Status& status, const Violations& read);

}  // namespace kulanz::rpc
