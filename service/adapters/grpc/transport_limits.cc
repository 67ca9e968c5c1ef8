#include "service/adapters/grpc/transport_limits.h"

#include <grpcpp/resource_quota.h>

#include "service/adapters/grpc/wire.h"

namespace kulanz::rpc {
namespace {

// What gRPC itself lets through. Above kRequestBytesMax, so that a request over our limit is answered by
// us, as INVALID_ARGUMENT with details; what is far larger is cut off by gRPC (RESOURCE_EXHAUSTED).
constexpr int kReceiveBytesMax = 4 * static_cast<int>(kRequestBytesMax);

// Clients may send keep-alive pings this often without being thought of as an attack; two that come sooner
// are forgiven.
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kPingStrikesMax = 2;

int Millis(std::chrono::milliseconds duration) { return static_cast<int>(duration.count()); }

}  // namespace

void Apply(const TransportLimits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kReceiveBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits.metadata_bytes_max);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(limits.handshake));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(limits.idle_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(limits.age_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(limits.age_grace));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kPingIntervalMinMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikesMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(limits.keepalive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(limits.keepalive_answer));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // of ours: no limit
  grpc::ResourceQuota quota("kulanzd");
  quota.Resize(limits.memory_bytes);
  builder.SetResourceQuota(quota);
}

}  // namespace kulanz::rpc
