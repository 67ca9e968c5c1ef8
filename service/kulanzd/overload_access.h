// OverloadAccess: what an operator says of how much the server takes on: calls, connections, what one may cost.
//
// Thread-safety: plain values.
#pragma once

#include <string>

#include "service/adapters/grpc/open_connections.h"
#include "service/adapters/grpc/server_probe.h"
#include "service/adapters/grpc/transport_limits.h"
#include "service/app/adaptive_limit.h"

namespace CLI {
class App;
}

namespace kulanz::server {

struct OverloadAccess {
  app::AdaptiveLimitSettings calls;
  rpc::ConnectionLimits connections;
  rpc::TransportLimits transport;
  rpc::ServerProbeSettings probe;
  // As they were given; Understand() reads them.
  std::uint32_t per_address = 0;  // 0: half of all
  std::uint32_t transport_memory_mb = 256;
  std::string age = "30m";
  std::string age_grace = "30s";
  std::string idle = "15m";
  std::string probe_pause = "5s";
};

// --calls-in-flight-max, --connections-max, --streams-per-connection, ... and their KULANZ_* variables.
void AddOverloadOptions(CLI::App& app, OverloadAccess& access);

// Completes `access` from what was given. Everything that is wrong, one line each; empty: nothing.
std::string Understand(OverloadAccess& access);

}  // namespace kulanz::server
