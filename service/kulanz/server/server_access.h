// ServerAccess: which server a verb talks to, and how it proves who is asking.
//
// Thread-safety: plain values.
#pragma once

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace kulanz::command {

inline constexpr const char* kDefaultServer = "127.0.0.1:50051";

struct ServerAccess {
  std::string server = kDefaultServer;  // "host:port"
  bool tls = false;                     // also when one of the files is given
  std::string ca_file = {};             // PEM; empty: whom the system trusts
  std::string cert_file = {};           // PEM; the caller's own
  std::string key_file = {};
  std::string server_name = {};  // that the certificate is made out to, in place of the host
  std::string token_file = {};   // a bearer token; read again for every call

  bool uses_tls() const {
    return tls || !ca_file.empty() || !cert_file.empty() || !token_file.empty();
  }
};

// --server, --tls, --tls-ca-file, ... and their KULANZ_CLIENT_* variables.
void AddServerAccess(CLI::App& verb, ServerAccess& access);

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const ServerAccess& access);

}  // namespace kulanz::command
