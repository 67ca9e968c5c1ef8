#include "service/adapters/grpc/tls_credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <string>
#include <utility>

#include "service/base/check.h"

namespace kulanz::rpc {
namespace {

grpc_ssl_client_certificate_request_type RequestFor(ClientCertificates clients) {
  switch (clients) {
    case ClientCertificates::kRequired:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientCertificates::kOptional:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientCertificates::kNone:
      break;
  }
  return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
}

class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(std::shared_ptr<TlsIdentity> identity, ClientCertificates clients)
      : identity_(std::move(identity)), clients_(clients) {}

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {
    KULANZ_CHECK(false, "who calls is the business of the CallPipeline");
  }

 private:
  // This object outlives the server: the builder's owner keeps it.
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    grpc_server_credentials* const credentials = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(RequestFor(clients_),
                                                                        &Fetch, this));
    const int port = grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);
    return port;
  }

  // Asked before every handshake, by one thread at a time.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    ReloadingCredentials& credentials = *static_cast<ReloadingCredentials*>(self);
    const TlsIdentity::Version version = credentials.identity_->Current();
    if (version.generation == credentials.served_) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    const TlsMaterial& material = *version.material;
    const grpc_ssl_pem_key_cert_pair pair = {material.private_key.c_str(),
                                             material.certificate_chain.c_str()};
    *config = grpc_ssl_server_certificate_config_create(
        material.client_authorities.empty() ? nullptr : material.client_authorities.c_str(), &pair,
        1);
    credentials.served_ = version.generation;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::shared_ptr<TlsIdentity> identity_;
  const ClientCertificates clients_;
  std::uint64_t served_ = 0;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(std::shared_ptr<TlsIdentity> identity,
                                                              ClientCertificates clients) {
  return std::make_shared<ReloadingCredentials>(std::move(identity), clients);
}

}  // namespace kulanz::rpc
