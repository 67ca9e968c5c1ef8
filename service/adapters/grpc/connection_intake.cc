#include "service/adapters/grpc/connection_intake.h"

#include <utility>

#include "service/adapters/grpc/tls_credentials.h"

namespace kulanz::rpc {
namespace {

using FromDescriptors = grpc::experimental::ExternalConnectionAcceptor;

// gRPC itself listens to nothing.
std::unique_ptr<FromDescriptors> TakeConnections(
    grpc::ServerBuilder& builder, const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  return builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
}

}  // namespace

ConnectionIntake::ConnectionIntake(grpc::ServerBuilder& builder,
                                   const std::shared_ptr<TlsIdentity>& tls,
                                   std::function<ClientCertificates()> clients)
    : clients_(tls == nullptr ? [] { return ClientCertificates::kNone; } : std::move(clients)) {
  const auto add = [&](ClientCertificates certificates,
                       std::shared_ptr<grpc::ServerCredentials> credentials) {
    auto connections = TakeConnections(builder, credentials);
    ports_.emplace(certificates, Port{std::move(credentials), std::move(connections)});
  };
  if (tls == nullptr) {
    add(ClientCertificates::kNone, grpc::InsecureServerCredentials());
    return;
  }
  for (const ClientCertificates certificates :
       {ClientCertificates::kNone, ClientCertificates::kOptional, ClientCertificates::kRequired}) {
    add(certificates, TlsServerCredentials(tls, certificates));
  }
}

void ConnectionIntake::Take(int listener, int connection) {
  FromDescriptors::NewConnectionParameters parameters;
  parameters.listener_fd = listener;
  parameters.fd = connection;
  ports_.at(clients_()).connections->HandleNewConnection(&parameters);
}

}  // namespace kulanz::rpc
