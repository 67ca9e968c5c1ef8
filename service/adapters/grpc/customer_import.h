// The client stream of customers: upserts one after the other, counts, and the first rejections.
//
// One at a time, so that of two messages about one customer the later one stays. A customer that breaks
// a rule is counted and the import goes on; any other failure ends the call with that failure, and so does
// the end of the server: UNAVAILABLE / SERVER_STOPPING (stopping.h).
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/message_reader.h"
#include "service/adapters/grpc/use_cases.h"
#include "service/base/task.h"

namespace kulanz::rpc {

inline constexpr int kImportRejectionsMax = 100;

// The work of an open call: reads to the end, and gives the summary. Everything outlives the call.
Task<Status> ImportCustomerStream(const UseCases& use_cases, CallPipeline& pipeline, Call& call,
                                  MessageReader& reader, grpc::ByteBuffer& response);

}  // namespace kulanz::rpc
