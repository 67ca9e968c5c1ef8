// TlsAccess: what an operator says of who may reach the server, and how they prove who they are.
//
// Thread-safety: plain values.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace kulanz::server {

struct TlsAccess {
  std::string certificate_file = {};  // PEM, the server's own first; empty: plaintext
  std::string key_file = {};
  std::string client_ca_file = {};  // empty: clients are not asked for certificates
  std::string access_file = {};     // access_file.h; empty: nobody is asked who they are
  std::string health_listen =
      {};  // address where nothing but health is served, in plaintext; empty: none
  std::string audit_log = {};  // file; empty: <data>/audit.log
  bool without_credentials = false;

  bool uses_tls() const { return !certificate_file.empty(); }
  bool identifies() const { return !access_file.empty(); }
};

// --tls-cert-file, --tls-key-file, ..., --access-file, ... and their KULANZ_* variables.
void AddTlsAccessOptions(CLI::App& app, TlsAccess& access);

// Completes `access` from what was given. `embedded`: with a Redis of its own. Everything that is wrong, one line
// each; empty: nothing.
std::string Understand(TlsAccess& access, const std::string& listen, const std::string& data,
                       bool embedded);

}  // namespace kulanz::server
