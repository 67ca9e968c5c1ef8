// kulanz health: asks a server whether it serves, for scripts and container probes.
#include <cstdio>
#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "service/kulanz/server/client.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

struct HealthOptions {
  ServerAccess access;
  std::string service;
  int timeout_ms = 2000;
};

int RunHealth(const HealthOptions& options) {
  const std::chrono::milliseconds timeout{options.timeout_ms};
  const auto channel = Connect(options.access, timeout);
  if (channel == nullptr) {
    std::printf("%s does not answer\n", options.access.server.c_str());
    return kExitProblems;
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(options.service);
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status =
      grpc::health::v1::Health::NewStub(channel)->Check(&context, request, &response);
  if (!status.ok()) {
    std::printf("%s\n", ToText(ErrorOf(status)).c_str());
    return kExitProblems;
  }
  using Response = grpc::health::v1::HealthCheckResponse;
  std::printf("%s\n", Response::ServingStatus_Name(response.status()).c_str());
  return response.status() == Response::SERVING ? kExitClean : kExitProblems;
}

}  // namespace

void AddHealth(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App& verb =
      *app.add_subcommand("health", "Ask a server whether it serves; ends with 0 if so");
  AddServerAccess(verb, options->access);
  verb.add_option("--service", options->service,
                  "'', 'liveness', 'kulanz.v1.IncidentService', ...");
  verb.add_option("--timeout-ms", options->timeout_ms)->capture_default_str();
  verb.callback([options, &exit_code] { exit_code = RunHealth(*options); });
}

}  // namespace kulanz::command
