// The client stream of a pool's codes: imports message after message, counts, and the first rejections.
//
// A code that breaks a rule is counted and the import goes on; any other failure ends the call with that
// failure, and repeating it whole is right.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "service/adapters/grpc/field_path.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

inline constexpr int kPoolRejectionsMax = 100;
inline constexpr int kPoolCodesPerMessageMax =
    500;  // of the longest, so that a message stays within 64 kB

// As names in policies: [a-z][a-z0-9-]{0,63}.
std::string ReadPoolName(FieldReader& reader, const FieldPath& path, const std::string& text);

// `use_cases` outlives the call; `response` lives as long as the call. Thread-safe.
grpc::ServerReadReactor<grpc::ByteBuffer>* StartPoolImport(const UseCases& use_cases,
                                                           grpc::CallbackServerContext& context,
                                                           grpc::ByteBuffer& response);

}  // namespace kulanz::rpc
