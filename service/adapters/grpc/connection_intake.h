// ConnectionIntake: gRPC's end, into which the connections go that we have accepted (connection_acceptor.h).
//
// gRPC fixes with a port whether clients are asked for a certificate. So there is a port for each answer, and a
// connection goes to the one whose answer holds when it comes: rules that change need no restart.
//
// Thread-safety: Take from any thread.
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <functional>
#include <map>
#include <memory>

#include "service/adapters/grpc/tls_identity.h"

namespace kulanz::rpc {

class ConnectionIntake {
 public:
  // Adds its ports to `builder`, and outlives what that builds. `tls` null: plaintext, and `clients` is not asked;
  // else Take asks it for each connection.
  ConnectionIntake(grpc::ServerBuilder& builder, const std::shared_ptr<TlsIdentity>& tls,
                   std::function<ClientCertificates()> clients);

  // As ConnectionAcceptor::HandOver. Only after the server was built.
  void Take(int listener, int connection);

 private:
  struct Port {
    std::shared_ptr<grpc::ServerCredentials> credentials;
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections;
  };

  const std::function<ClientCertificates()> clients_;
  std::map<ClientCertificates, Port> ports_;  // of plaintext: kNone alone
};

}  // namespace kulanz::rpc
