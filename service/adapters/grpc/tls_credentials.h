// TlsServerCredentials: gRPC's TLS over a TlsIdentity.
//
// gRPC's own watcher of files reads key and certificate each for itself, and serves them also while they do not
// fit; here every handshake takes what was found to fit, through the hook that gRPC's core has for that.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "service/adapters/grpc/tls_identity.h"

namespace kulanz::rpc {

// The result must outlive the server that listens with it.
std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(std::shared_ptr<TlsIdentity> identity,
                                                              ClientCertificates clients);

}  // namespace kulanz::rpc
