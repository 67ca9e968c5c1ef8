// The client stream of a pool's codes: imports message after message, counts, and the first rejections.
//
// A code that breaks a rule is counted and the import goes on; any other failure ends the call with that
// failure, as does the end of the server (UNAVAILABLE / SERVER_STOPPING), and repeating it whole is right.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/field_path.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/message_reader.h"
#include "service/adapters/grpc/use_cases.h"
#include "service/base/task.h"

namespace kulanz::rpc {

inline constexpr int kPoolRejectionsMax = 100;
inline constexpr int kPoolCodesPerMessageMax =
    500;  // of the longest, so that a message stays within 64 kB

// As names in policies: [a-z][a-z0-9-]{0,63}.
std::string ReadPoolName(FieldReader& reader, const FieldPath& path, const std::string& text);

// The work of an open call: reads to the end, and gives the summary. Everything outlives the call.
Task<Status> ImportPool(const UseCases& use_cases, CallPipeline& pipeline, Call& call,
                        MessageReader& reader, grpc::ByteBuffer& response);

}  // namespace kulanz::rpc
