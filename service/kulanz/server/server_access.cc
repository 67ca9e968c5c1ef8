#include "service/kulanz/server/server_access.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <map>
#include <sstream>

namespace kulanz::command {
namespace {

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The token as it stands in the file now: whoever renews it writes another one there.
class TokenFromFile final : public grpc::MetadataCredentialsPlugin {
 public:
  explicit TokenFromFile(std::string path) : path_(std::move(path)) {}

  bool IsBlocking() const override { return true; }
  grpc::Status GetMetadata(grpc::string_ref /*service_url*/, grpc::string_ref /*method_name*/,
                           const grpc::AuthContext& /*channel*/,
                           std::multimap<grpc::string, grpc::string>* metadata) override {
    std::string token = TextOf(path_);
    token.erase(token.find_last_not_of(" \r\n\t") + 1);
    if (token.empty()) {
      return {grpc::StatusCode::UNAUTHENTICATED, path_ + " holds no token"};
    }
    metadata->emplace("authorization", "Bearer " + token);
    return grpc::Status::OK;
  }

 private:
  const std::string path_;
};

}  // namespace

void AddServerAccess(CLI::App& verb, ServerAccess& access) {
  verb.add_option("--server", access.server, "host:port")
      ->envname("KULANZ_CLIENT_SERVER")
      ->capture_default_str();
  verb.add_flag("--tls", access.tls, "speak TLS; the options below imply it")
      ->envname("KULANZ_CLIENT_TLS");
  verb.add_option("--tls-ca-file", access.ca_file,
                  "PEM of the authorities that may have signed the server's certificate; default: "
                  "those that the system trusts")
      ->check(CLI::ExistingFile)
      ->envname("KULANZ_CLIENT_TLS_CA_FILE");
  CLI::Option* const certificate =
      verb.add_option("--tls-cert-file", access.cert_file, "PEM of a certificate of your own")
          ->check(CLI::ExistingFile)
          ->envname("KULANZ_CLIENT_TLS_CERT_FILE");
  CLI::Option* const key = verb.add_option("--tls-key-file", access.key_file, "PEM of its key")
                               ->check(CLI::ExistingFile)
                               ->envname("KULANZ_CLIENT_TLS_KEY_FILE");
  certificate->needs(key);
  key->needs(certificate);
  verb.add_option("--tls-server-name", access.server_name,
                  "the name in the server's certificate, if it is not the host")
      ->envname("KULANZ_CLIENT_TLS_SERVER_NAME");
  verb.add_option("--token-file", access.token_file,
                  "file with a bearer token (JWT), read again for every call")
      ->check(CLI::ExistingFile)
      ->envname("KULANZ_CLIENT_TOKEN_FILE");
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const ServerAccess& access) {
  if (!access.uses_tls()) {
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions options;
  if (!access.ca_file.empty()) {
    options.pem_root_certs = TextOf(access.ca_file);
  }
  if (!access.cert_file.empty()) {
    options.pem_cert_chain = TextOf(access.cert_file);
    options.pem_private_key = TextOf(access.key_file);
  }
  auto credentials = grpc::SslCredentials(options);
  if (access.token_file.empty()) {
    return credentials;
  }
  return grpc::CompositeChannelCredentials(
      credentials,
      grpc::MetadataCredentialsFromPlugin(std::make_unique<TokenFromFile>(access.token_file)));
}

}  // namespace kulanz::command
