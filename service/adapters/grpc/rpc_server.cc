#include "service/adapters/grpc/rpc_server.h"

#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/grpc.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/customer_service.h"
#include "service/adapters/grpc/event_service.h"
#include "service/adapters/grpc/health_service.h"
#include "service/adapters/grpc/incident_service.h"
#include "service/adapters/grpc/letter_service.h"
#include "service/adapters/grpc/pool_service.h"
#include "service/adapters/grpc/reflection_service.h"
#include "service/adapters/grpc/tls_credentials.h"
#include "service/adapters/grpc/voucher_service.h"
#include "service/adapters/grpc/wire.h"

namespace kulanz::rpc {
namespace {

// What gRPC itself lets through. Above kRequestBytesMax, so that a request over our limit is answered by
// us, as INVALID_ARGUMENT with details; what is far larger is cut off by gRPC (RESOURCE_EXHAUSTED).
constexpr int kReceiveBytesMax = 4 * static_cast<int>(kRequestBytesMax);

// A probe names a service.
constexpr int kProbeBytesMax = 4096;

// Clients may send keep-alive pings this often without being thought of as an attack.
constexpr int kPingIntervalMinMs = 10'000;

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

Status CannotListen(const std::string& address) {
  return Status(Code::kUnavailable, "CANNOT_LISTEN",
                "cannot listen on " + address +
                    ": it is in use by another program, or no address of this machine");
}

std::vector<std::string> ServiceNames() {
  return {grpc::health::v1::Health::service_full_name(),
          grpc::reflection::v1alpha::ServerReflection::service_full_name(),
          v1::CustomerService::service_full_name(),
          v1::IncidentService::service_full_name(),
          v1::LetterService::service_full_name(),
          v1::EventService::service_full_name(),
          v1::PoolService::service_full_name(),
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
  builder.SetMaxReceiveMessageSize(kReceiveBytesMax);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kPingIntervalMinMs);
  // Two servers on one port would each get a part of the requests, and nobody would notice.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(incidents_.get());
  builder.RegisterService(customers_.get());
  builder.RegisterService(vouchers_.get());
  builder.RegisterService(letters_.get());
  builder.RegisterService(events_.get());
  builder.RegisterService(pools_.get());
  builder.RegisterService(health_.get());
  if (reflection_ != nullptr) {
    builder.RegisterService(reflection_.get());
  }
  if (!options.listen.empty()) {
    credentials_ = options.tls == nullptr
                       ? grpc::InsecureServerCredentials()
                       : TlsServerCredentials(options.tls, options.client_certificates);
    builder.AddListeningPort(options.listen, credentials_, &port_);
  }
  server_ = builder.BuildAndStart();
  return server_ == nullptr || (!options.listen.empty() && port_ == 0)
             ? CannotListen(options.listen)
             : Status::Ok();
}

Status RpcServer::ListenForProbes(const RpcServerOptions& options) {
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kProbeBytesMax);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(open_health_.get());
  builder.AddListeningPort(options.health_listen, grpc::InsecureServerCredentials(), &health_port_);
  health_server_ = builder.BuildAndStart();
  return health_server_ == nullptr || health_port_ == 0 ? CannotListen(options.health_listen)
                                                        : Status::Ok();
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
  health_->EndWatches();
  incidents_->EndStreams();
  End(*server_, grace);
  server_.reset();
  if (health_server_ != nullptr) {  // Last: until then probes are told that the server stops.
    open_health_->EndWatches();
    End(*health_server_, Duration{0});  // Who probes has been told.
    health_server_.reset();
  }
}

}  // namespace kulanz::rpc
