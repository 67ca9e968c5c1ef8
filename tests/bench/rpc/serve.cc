#include "tests/bench/rpc/serve.h"

#include <grpcpp/grpcpp.h>
#include <sched.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>

#include "service/adapters/redis/redis_store.h"
#include "tests/bench/rpc/null_service.h"
#include "tests/bench/rpc/pipeline_service.h"

namespace kulanz::bench {

int Serve(const std::string& kind, const std::string& redis_url, const std::string& port_file) {
  // As kulanzd does it: the scheduler lets a busy process finish instead of waking others in its place.
  const sched_param parameter{};
  sched_setscheduler(0, SCHED_BATCH, &parameter);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  ports::NullLog log;
  ports::NullTelemetry telemetry;
  std::unique_ptr<redis::RedisStore> store;
  std::unique_ptr<grpc::Service> service;
  if (kind == "pipeline") {
    const auto address = redis::ParseRedisUrl(redis_url);
    if (!address.ok()) {
      std::fprintf(stderr, "%s\n", address.status().ToString().c_str());
      return 1;
    }
    redis::RedisOptions options;
    options.address = *address;
    auto opened = redis::RedisStore::Open(
        options, log, telemetry, std::chrono::steady_clock::now() + std::chrono::seconds(10));
    if (!opened.ok()) {
      std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
      return 1;
    }
    store = *std::move(opened);
    service = std::make_unique<PipelineIncidentService>(*store);
  } else {
    service = std::make_unique<NullIncidentService>();
  }
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service.get());
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::ofstream(port_file) << "grpc=" << port << "\n" << std::flush;
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  return 0;
}

}  // namespace kulanz::bench
