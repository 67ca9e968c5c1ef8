#include "service/adapters/grpc/rpc_server.h"

#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/adapters/grpc/breaker_service.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/connection_acceptor.h"
#include "service/adapters/grpc/connection_intake.h"
#include "service/adapters/grpc/customer_service.h"
#include "service/adapters/grpc/event_service.h"
#include "service/adapters/grpc/health_service.h"
#include "service/adapters/grpc/incident_service.h"
#include "service/adapters/grpc/letter_service.h"
#include "service/adapters/grpc/listening_socket.h"
#include "service/adapters/grpc/pool_service.h"
#include "service/adapters/grpc/reflection_service.h"
#include "service/adapters/grpc/voucher_service.h"

namespace kulanz::rpc {
namespace {

// A probe names a service.
constexpr int kProbeBytesMax = 4096;
// Few ask for health alone.
constexpr ConnectionLimits kProbeConnections{.connections_max = 64, .per_address_max = 64};

ConnectionAcceptor::HandOver To(ConnectionIntake& intake) {
  return [&intake](int listener, int connection) { intake.Take(listener, connection); };
}

ports::ServingTelemetry& NoTelemetry() {
  static ports::NullServingTelemetry telemetry;
  return telemetry;
}

ports::Log& LogOf(const RpcServerOptions& options) {
  static ports::NullLog log;
  return options.log == nullptr ? log : *options.log;
}

Status CannotServe() {
  return Status(Code::kUnavailable, "CANNOT_SERVE", "gRPC does not start; see its own log lines");
}

// Clients have so long to answer that they have heard of the end, once no call is running any more.
constexpr std::chrono::milliseconds kGoodbyeTime{1'000};

// Once per process.
void PrepareLibraries() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Debian builds abseil with it on; it costs 4 to 8 % of the throughput.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    // protobuf would write a line to stderr for every string that is not UTF-8; we answer instead.
    google::protobuf::SetLogHandler(nullptr);
  });
}

std::vector<std::string> ServiceNames() {
  return {grpc::health::v1::Health::service_full_name(),
          grpc::reflection::v1alpha::ServerReflection::service_full_name(),
          v1::CustomerService::service_full_name(),
          v1::IncidentService::service_full_name(),
          v1::LetterService::service_full_name(),
          v1::EventService::service_full_name(),
          v1::PoolService::service_full_name(),
          v1::BreakerService::service_full_name(),
          v1::VoucherService::service_full_name()};
}

}  // namespace

RpcServer::RpcServer() = default;

Result<std::unique_ptr<RpcServer>> RpcServer::Start(const RpcServerOptions& options,
                                                    const UseCases& use_cases,
                                                    std::function<bool()> ready) {
  PrepareLibraries();
  std::unique_ptr<RpcServer> result(new RpcServer());
  result->pipeline_ = std::make_unique<CallPipeline>(options.steps, use_cases.telemetry);
  CallPipeline& pipeline = *result->pipeline_;
  result->incidents_ = std::make_unique<IncidentService>(use_cases, pipeline);
  result->customers_ = std::make_unique<CustomerService>(use_cases, pipeline);
  result->vouchers_ = std::make_unique<VoucherService>(use_cases, pipeline);
  result->letters_ = std::make_unique<LetterService>(use_cases, pipeline);
  result->events_ = std::make_unique<EventService>(use_cases, pipeline);
  result->pools_ = std::make_unique<PoolService>(use_cases, pipeline);
  result->breakers_ = std::make_unique<BreakerService>(use_cases, pipeline);
  result->health_ = std::make_unique<HealthService>(ready, pipeline);
  if (options.reflection) {
    result->reflection_ = std::make_unique<ReflectionService>(ServiceNames(), pipeline);
  }
  KULANZ_RETURN_IF_ERROR(result->Listen(options));
  if (!options.health_listen.empty()) {
    result->open_health_ = std::make_unique<HealthService>(std::move(ready), pipeline);
    KULANZ_RETURN_IF_ERROR(result->ListenForProbes(options));
  }
  return result;
}

Status RpcServer::Listen(const RpcServerOptions& options) {
  grpc::ServerBuilder builder;
  Apply(options.transport, builder);
  builder.RegisterService(incidents_.get());
  builder.RegisterService(customers_.get());
  builder.RegisterService(vouchers_.get());
  builder.RegisterService(letters_.get());
  builder.RegisterService(events_.get());
  builder.RegisterService(pools_.get());
  builder.RegisterService(breakers_.get());
  builder.RegisterService(health_.get());
  if (reflection_ != nullptr) {
    builder.RegisterService(reflection_.get());
  }
  intake_ = std::make_unique<ConnectionIntake>(builder, options.tls, options.client_certificates);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return CannotServe();
  }
  if (options.listen.empty()) {
    return Status::Ok();
  }
  KULANZ_ASSIGN_OR_RETURN(ListeningSockets sockets, ListeningSockets::Open(options.listen));
  ports::ServingTelemetry& telemetry =
      options.telemetry == nullptr ? NoTelemetry() : *options.telemetry;
  acceptor_ =
      std::make_unique<ConnectionAcceptor>(std::move(sockets), options.connections, To(*intake_),
                                           ConnectionAcceptor::Ports{telemetry, LogOf(options)});
  port_ = acceptor_->port();
  probe_ = std::make_unique<ServerProbe>(
      acceptor_->own_address(), options.probe, [this] { silent_ = true; },
      ServerProbe::Ports{telemetry, LogOf(options)});
  return Status::Ok();
}

Status RpcServer::ListenForProbes(const RpcServerOptions& options) {
  grpc::ServerBuilder builder;
  Apply(options.transport, builder);
  builder.SetMaxReceiveMessageSize(kProbeBytesMax);
  builder.RegisterService(open_health_.get());
  health_intake_ = std::make_unique<ConnectionIntake>(builder, nullptr, nullptr);
  health_server_ = builder.BuildAndStart();
  if (health_server_ == nullptr) {
    return CannotServe();
  }
  KULANZ_ASSIGN_OR_RETURN(ListeningSockets sockets, ListeningSockets::Open(options.health_listen));
  health_acceptor_ = std::make_unique<ConnectionAcceptor>(
      std::move(sockets), kProbeConnections, To(*health_intake_),
      ConnectionAcceptor::Ports{NoTelemetry(), LogOf(options)});
  health_port_ = health_acceptor_->port();
  return Status::Ok();
}

// gRPC waits until every client has acknowledged that the server goes, or until `grace` is over. But a client without a
// call under way may read nothing from its connection, for ever: who asks synchronously only reads while it waits. So
// once nothing is running that anybody could miss, its connections are closed. Whatever it has sent since Shutdown
// began, gRPC would have refused in any case.
void RpcServer::End(grpc::Server& server, Duration grace) {
  const Deadline deadline = std::chrono::steady_clock::now() + grace;
  const auto ended = std::async(std::launch::async, [&server, grace] {
    server.Shutdown(std::chrono::system_clock::now() + grace);
  });
  do {
    pipeline_->running().AwaitNone(deadline);
  } while (ended.wait_for(kGoodbyeTime) == std::future_status::timeout &&
           pipeline_->running().count() != 0);  // What had arrived before may have begun after.
  grpc_server_cancel_all_calls(server.c_server());
  ended.wait();
  server.Wait();
}

RpcServer::~RpcServer() { Stop(Duration{0}); }

std::shared_ptr<grpc::Channel> RpcServer::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void RpcServer::RefreshHealth() {
  health_->Refresh();
  if (open_health_ != nullptr) {
    open_health_->Refresh();
  }
}

void RpcServer::StopServing() {
  health_->StopServing();
  if (open_health_ != nullptr) {
    open_health_->StopServing();
  }
}

void RpcServer::Stop(Duration grace) {
  if (server_ == nullptr) {
    return;
  }
  StopServing();
  probe_.reset();
  acceptor_.reset();
  health_->EndWatches();
  incidents_->EndStreams();
  pipeline_->EndReaders();
  End(*server_, grace);
  server_.reset();
  if (health_server_ != nullptr) {  // Last: until then probes are told that the server stops.
    health_acceptor_.reset();
    open_health_->EndWatches();
    End(*health_server_, Duration{0});  // Who probes has been told.
    health_server_.reset();
  }
}

}  // namespace kulanz::rpc
