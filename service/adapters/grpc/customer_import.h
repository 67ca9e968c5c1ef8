// The client stream of customers: upserts one after the other, counts, and the first rejections.
//
// One at a time, so that of two messages about one customer the later one stays. A customer that breaks
// a rule is counted and the import goes on; any other failure ends the call with that failure.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

inline constexpr int kImportRejectionsMax = 100;

// `use_cases` outlives the call; `response` lives as long as the call. Thread-safe.
grpc::ServerReadReactor<grpc::ByteBuffer>* StartCustomerImport(const UseCases& use_cases,
                                                               grpc::CallbackServerContext& context,
                                                               grpc::ByteBuffer& response);

}  // namespace kulanz::rpc
