// IncidentStreams: the bidirectional stream of incidents.
//
// Each request is decided on its own; answers are written one at a time in the order in which they are
// ready. At most kStreamOutstandingMax requests of a stream are taken and not yet answered: at the limit
// the stream is not read, so HTTP/2's flow control holds the client back, and a client that never reads
// holds that many answers and no more. A stream ends with OK when the client has half-closed it and all is
// answered; when the client is gone, it ends as soon as what was taken is decided.
//
// Measured per incident, as "StreamIncidents". Who may not open it is refused before anything is read; an
// incident that Admission refuses is answered so, and the stream goes on. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>

#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/open_streams.h"
#include "service/adapters/grpc/use_cases.h"

namespace kulanz::rpc {

inline constexpr std::size_t kStreamOutstandingMax = 128;

class IncidentStream;

class IncidentStreams {
 public:
  // Both outlive this.
  IncidentStreams(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Open(
      grpc::CallbackServerContext& context);

  // No stream takes a further request; each ends with UNAVAILABLE / SERVER_STOPPING once it has answered
  // what it has taken. Streams opened later end at once.
  void EndAll();

 private:
  const UseCases& use_cases_;
  CallPipeline& pipeline_;
  OpenStreams<IncidentStream> streams_;
};

}  // namespace kulanz::rpc
