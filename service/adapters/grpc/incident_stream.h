// IncidentStreams: the bidirectional stream of incidents.
//
// Each request is decided on its own; answers are written one at a time in the order in which they are
// ready. At most kStreamOutstandingMax requests of a stream are taken and not yet answered: at the limit
// the stream is not read, so HTTP/2's flow control holds the client back, and a client that never reads
// holds that many answers and no more. A stream ends with OK when the client has half-closed it and all is
// answered; when the client is gone, it ends as soon as what was taken is decided.
//
// Measured per incident, as "StreamIncidents". Thread-safe.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "service/adapters/grpc/unary_call.h"

namespace kulanz::rpc {

inline constexpr std::size_t kStreamOutstandingMax = 128;

class IncidentStream;

class IncidentStreams {
 public:
  // `use_cases` outlives the stream.
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Open(
      const UseCases& use_cases, grpc::CallbackServerContext& context);

  // No stream takes a further request; each ends with UNAVAILABLE / SERVER_STOPPING once it has answered
  // what it has taken. Streams opened later end at once.
  void EndAll();

 private:
  friend class IncidentStream;
  void Remove(IncidentStream& stream);

  std::mutex mutex_;
  bool ending_ = false;
  std::unordered_map<IncidentStream*, std::shared_ptr<IncidentStream>> streams_;
};

}  // namespace kulanz::rpc
