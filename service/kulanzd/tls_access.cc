#include "service/kulanzd/tls_access.h"

#include <CLI/CLI.hpp>
#include <vector>

#include "service/kulanzd/config.h"

namespace kulanz::server {

void AddTlsAccessOptions(CLI::App& app, TlsAccess& access) {
  app.add_option("--tls-cert-file", access.certificate_file,
                 "serve gRPC over TLS with this certificate (PEM, with what chains it to its "
                 "authority); read again when it changes")
      ->envname("KULANZ_TLS_CERT_FILE");
  app.add_option("--tls-key-file", access.key_file,
                 "with --tls-cert-file: its private key (PEM); others may not read the file")
      ->envname("KULANZ_TLS_KEY_FILE");
  app.add_option("--tls-client-ca-file", access.client_ca_file,
                 "with --tls-cert-file: ask callers for certificates, which these authorities must "
                 "have signed; without tokens in the access file, nobody comes in without one")
      ->envname("KULANZ_TLS_CLIENT_CA_FILE");
  app.add_option("--access-file", access.access_file,
                 "YAML file that gives roles to callers, by certificate or token; read again when "
                 "it changes; default: nobody is asked who they are")
      ->envname("KULANZ_ACCESS_FILE");
  app.add_option("--audit-log", access.audit_log,
                 "file to which each change is appended that a person makes; default: audit.log in "
                 "the data directory")
      ->envname("KULANZ_AUDIT_LOG");
  app.add_option("--health-listen", access.health_listen,
                 "address where nothing but health is served, in plaintext, for probes that know "
                 "no TLS; default: none")
      ->envname("KULANZ_HEALTH_LISTEN");
  app.add_flag("--without-credentials", access.without_credentials,
               "listen beyond this machine in plaintext, and ask nobody who they are: only where "
               "the network lets nobody in, behind a mesh's proxy for one; not with --embedded")
      ->envname("KULANZ_WITHOUT_CREDENTIALS");
}

std::string Understand(TlsAccess& access, const std::string& listen, const std::string& data,
                       bool embedded) {
  std::vector<std::string> wrong;
  if (access.certificate_file.empty() != access.key_file.empty()) {
    wrong.emplace_back("--tls-cert-file and --tls-key-file need each other");
  }
  if (!access.client_ca_file.empty() && !access.uses_tls()) {
    wrong.emplace_back("--tls-client-ca-file needs --tls-cert-file");
  }
  if (access.without_credentials && (access.uses_tls() || access.identifies())) {
    wrong.emplace_back(
        "--without-credentials and --tls-cert-file or --access-file exclude each other");
  }
  const bool has_credentials = access.uses_tls() && access.identifies();
  if (embedded && access.without_credentials) {
    wrong.emplace_back("--without-credentials is not for --embedded");
  } else if (!IsLoopback(listen) && !has_credentials && !access.without_credentials) {
    wrong.push_back(
        "--listen " + listen +
        " can be reached from other machines: that needs --tls-cert-file, --tls-key-file and "
        "--access-file, or a loopback address such as 127.0.0.1:50051" +
        (embedded ? "" : "; --without-credentials if the network itself lets nobody in"));
  }
  if (access.audit_log.empty()) {
    access.audit_log = data + "/audit.log";
  }
  std::string text;
  for (const std::string& line : wrong) {
    text += (text.empty() ? "" : "\nkulanzd: ") + line;
  }
  return text;
}

}  // namespace kulanz::server
