// TransportLimits: what one connection may cost, as far as gRPC can hold it to that.
//
// What Debian's gRPC 1.51.1 can do and is told here: streams, metadata and messages of a bounded size, pings
// that are too many end the connection, a handshake has a time limit (so has a client that says nothing), idle
// and old connections are ended with GOAWAY, a peer that acknowledges nothing is dropped, and all buffers of
// all connections come out of one quota.
//
// What it cannot do: limit how often a client resets streams that it has opened ("rapid reset", CVE-2023-44487:
// each costs the server some 50 us and, until it is through, 10 to 20 kB that are in no quota; `streams_max` does not count
// them, and smaller reads do not slow them down),
// limit how slowly a request's body comes (only the connection's age ends it), or limit the size of one
// header block before it is read. Where clients are not one's own, a proxy that can belongs in front
// (deploy/README.md).
//
// Thread-safety: plain values.
#pragma once

#include <grpcpp/server_builder.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kulanz::rpc {

struct TransportLimits {
  // Calls at once on one connection; clients hold back the rest themselves.
  int streams_max = 256;
  // Of a call: a token of kTokenBytesMax (jose/token_verifier.h), and what else it says.
  int metadata_bytes_max = 24 * 1024;
  std::chrono::milliseconds handshake{10'000};
  // Of a connection without a call.
  std::chrono::milliseconds idle_max{900'000};
  // Then GOAWAY: the client goes on over another connection, perhaps to another server; calls under way have
  // `age_grace` to end. Spread by gRPC over a tenth more or less.
  std::chrono::milliseconds age_max{1'800'000};
  std::chrono::milliseconds age_grace{30'000};
  // A connection that is silent for so long is asked whether it lives, and has so long to answer.
  std::chrono::milliseconds keepalive{60'000};
  std::chrono::milliseconds keepalive_answer{20'000};
  // Of what gRPC buffers for all connections together.
  std::size_t memory_bytes = 256UL * 1024 * 1024;
};

void Apply(const TransportLimits& limits, grpc::ServerBuilder& builder);

}  // namespace kulanz::rpc
