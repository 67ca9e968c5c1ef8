// Wire: protobuf messages from and to the bytes of a call.
//
// The handlers are "raw" methods of gRPC's callback API: they get bytes and do the parsing here, so
// that broken UTF-8 and bytes that are no message become INVALID_ARGUMENT with a field path, where gRPC
// itself would answer INTERNAL. Messages live on an arena of the calling thread, whose blocks are used
// again, so that in the steady state neither reading nor writing a message allocates.
#pragma once

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>

#include "service/base/status.h"

namespace kulanz::rpc {

// What the API accepts. Above all the attributes of an incident have to fit: 64 of 1 kB.
inline constexpr std::size_t kRequestBytesMax = 64UL * 1024;

// The arena of this thread, empty again when the lease ends. A lease must not outlive the function that
// took it, in particular not a co_await, and only one may exist per thread (checked).
class ArenaLease {
 public:
  ArenaLease();
  ~ArenaLease();
  ArenaLease(const ArenaLease&) = delete;
  ArenaLease& operator=(const ArenaLease&) = delete;

  template <typename Message>
  Message& Make() {
    return *google::protobuf::Arena::CreateMessage<Message>(&arena_);
  }

 private:
  google::protobuf::Arena& arena_;
};

// INVALID_ARGUMENT / INVALID_REQUEST: not UTF-8 (every such field by its path), or not such a message;
// INVALID_ARGUMENT / REQUEST_TOO_LARGE.
Status ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message);

}  // namespace kulanz::rpc
