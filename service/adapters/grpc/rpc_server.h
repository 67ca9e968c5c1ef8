// RpcServer: the gRPC endpoint with all services, from listening to the last answer.
//
// Thread-safety: Start and Stop on one thread; the others from any. Handlers run on gRPC's own threads
// and on those of the store.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/server.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "service/adapters/grpc/call_steps.h"
#include "service/adapters/grpc/open_connections.h"
#include "service/adapters/grpc/server_probe.h"
#include "service/adapters/grpc/tls_identity.h"
#include "service/adapters/grpc/transport_limits.h"
#include "service/adapters/grpc/use_cases.h"
#include "service/base/result.h"
#include "service/ports/log.h"
#include "service/ports/serving_telemetry.h"

namespace kulanz::rpc {

class BreakerService;
class CallPipeline;
class ConnectionAcceptor;
class ConnectionIntake;
class CustomerService;
class EventService;
class HealthService;
class IncidentService;
class LetterService;
class PoolService;
class ReflectionService;
class VoucherService;

struct RpcServerOptions {
  std::string listen;  // "127.0.0.1:50051"; port 0: any; empty: only InProcessChannel()
  bool reflection = true;
  CallSteps steps = {};                        // what every call passes, see call_pipeline.h
  std::shared_ptr<TlsIdentity> tls = nullptr;  // null: plaintext
  // Asked for each new connection, by any thread. Not null with TLS.
  std::function<ClientCertificates()> client_certificates = nullptr;
  // Where nothing but health is served, in plaintext, for probes that know no TLS; empty: nowhere.
  std::string health_listen = {};
  ConnectionLimits connections = {};
  TransportLimits transport = {};
  ServerProbeSettings probe = {};
  // Outlive the server; null: nobody is told.
  ports::ServingTelemetry* telemetry = nullptr;
  ports::Log* log = nullptr;
};

class RpcServer {
 public:
  // `ready`: whether requests can be served now (health). Listens when it returns.
  //   UNAVAILABLE / CANNOT_LISTEN   the address is taken or cannot be understood.
  static Result<std::unique_ptr<RpcServer>> Start(const RpcServerOptions& options,
                                                  const UseCases& use_cases,
                                                  std::function<bool()> ready);
  ~RpcServer();  // As Stop, without grace.
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  int port() const { return port_; }  // 0 when it does not listen
  int health_port() const { return health_port_; }
  // Nobody new is answered any more (server_probe.h); only a restart helps.
  bool is_silent() const { return silent_; }
  // For tests: a client without a socket.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Tells watchers of the health service when readiness has changed; call it regularly.
  void RefreshHealth();
  // First step of going down: health says NOT_SERVING; requests are still served.
  void StopServing();
  // Second: no new calls; streams end with what they have taken; waits up to `grace` for running calls and
  // cancels the rest. Clients that have no call under way are waited for a second at most. Returns when no handler
  // runs any more.
  void Stop(Duration grace);

 private:
  RpcServer();
  Status Listen(const RpcServerOptions& options);
  Status ListenForProbes(const RpcServerOptions& options);
  void End(grpc::Server& server, Duration grace);

  std::unique_ptr<CallPipeline> pipeline_;
  std::unique_ptr<IncidentService> incidents_;
  std::unique_ptr<CustomerService> customers_;
  std::unique_ptr<VoucherService> vouchers_;
  std::unique_ptr<LetterService> letters_;
  std::unique_ptr<EventService> events_;
  std::unique_ptr<PoolService> pools_;
  std::unique_ptr<BreakerService> breakers_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<ReflectionService> reflection_;  // null: none
  std::unique_ptr<HealthService> open_health_;     // of the address for probes; null: none
  // Before their servers and acceptors, which use them.
  std::unique_ptr<ConnectionIntake> intake_;
  std::unique_ptr<ConnectionIntake> health_intake_;  // null: none
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::Server> health_server_;  // null: none
  std::unique_ptr<ConnectionAcceptor> acceptor_;
  std::unique_ptr<ConnectionAcceptor> health_acceptor_;
  std::unique_ptr<ServerProbe> probe_;
  std::atomic<bool> silent_{false};
  int port_ = 0;
  int health_port_ = 0;
};

}  // namespace kulanz::rpc
