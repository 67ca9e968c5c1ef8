// ReadRequest: from the bytes of a call to what its use-case takes, with every violation at once.
//
// Thread-safe. Nothing of the message outlives the call.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <type_traits>

#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/wire.h"
#include "service/base/result.h"

namespace kulanz::rpc {

// `read(reader, message)`: takes the fields and notes what is wrong with them in the reader. Fails as ParseMessage
// does, and with INVALID_ARGUMENT / INVALID_REQUEST when something was noted.
template <typename Message, typename Read>
auto ReadRequest(const grpc::ByteBuffer& request, Read read)
    -> Result<std::invoke_result_t<Read, FieldReader&, const Message&>> {
  FieldReader reader;
  ArenaLease arena;
  auto& message = arena.Make<Message>();
  KULANZ_RETURN_IF_ERROR(ParseMessage(request, message));
  auto asked = read(reader, message);
  if (!reader.ok()) {
    return Status::Invalid(reader.Take());
  }
  return asked;
}

}  // namespace kulanz::rpc
