// AccessTest: a kulanzd with TLS that knows some callers by certificate and some by token.
#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/any_call.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/paths/paths.h"
#include "tests/support/tls/certificate_maker.h"
#include "tests/support/tokens/token_maker.h"

namespace kulanz::e2e {

using kulanz::testing::CertificateMaker;
using kulanz::testing::Claims;
using kulanz::testing::Compact;
using kulanz::testing::Header;
using kulanz::testing::SigningKey;

inline std::int64_t HostSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The certificates and keys of a shop, and a kulanzd that knows them.
class AccessTest : public ::testing::Test {
 protected:
  AccessTest() {
    files_.MakeAuthority("ca");
    files_.MakeAuthority("other");
    files_.MakeCertificate("kulanz", "ca", "DNS:kulanz.test");
    files_.MakeCertificate("checkout", "ca", "URI:spiffe://shop.example/checkout");
    files_.MakeCertificate("erp", "ca", "DNS:erp.internal");
    files_.MakeCertificate("stranger", "ca", "URI:spiffe://shop.example/stranger");
    files_.MakeCertificate("none", "ca", "IP:127.0.0.1");
    files_.MakeCertificate("two", "ca",
                           "URI:spiffe://shop.example/checkout,URI:spiffe://shop.example/admin");
    files_.MakeCertificate("forged", "other", "URI:spiffe://shop.example/checkout");
    files_.Write("tls.crt", files_.Read("kulanz.pem"));
    files_.Write("tls.key", files_.Read("kulanz.key"));
    files_.Write("authorities.pem", files_.Read("ca.pem"));
    files_.Write("jwks.json", key_.KeySet("k1"));
    files_.Write("access.yaml", R"(certificates:
  - {spiffe: spiffe://shop.example/checkout, roles: [redeemer]}
  - {name: erp.internal, roles: [reporter]}
tokens:
  - issuer: https://login.test
    audience: kulanz
    algorithms: [ES256]
    keys: jwks.json
    groups_claim: groups
    groups: {support: [agent], platform: [operator]}
    subjects: {anna: [author]}
)");
  }

  std::vector<std::string> Arguments() const {
    return {"--store",
            "memory",
            "--rules",
            test::SourcePath("tests/e2e/rules"),
            "--data",
            files_.File("data"),
            "--no-deliveries",
            "--tls-cert-file",
            files_.File("tls.crt"),
            "--tls-key-file",
            files_.File("tls.key"),
            "--tls-client-ca-file",
            files_.File("authorities.pem"),
            "--access-file",
            files_.File("access.yaml")};
  }
  void Start() {
    server_ = std::make_unique<ServerProcess>(Arguments());
    ASSERT_TRUE(server_->AwaitPorts());
  }
  // A connection of its own; `certificate`: whose; empty: none.
  std::shared_ptr<grpc::Channel> Channel(const std::string& certificate = "") const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = files_.Read("ca.pem");
    if (!certificate.empty()) {
      options.pem_cert_chain = files_.Read(certificate + ".pem");
      options.pem_private_key = files_.Read(certificate + ".key");
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetSslTargetNameOverride("kulanz.test");
    return grpc::CreateCustomChannel(server_->address(), grpc::SslCredentials(options), arguments);
  }
  static std::string Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                          const std::string& token = "") {
    grpc::ClientContext context;
    if (!token.empty()) {
      context.AddMetadata("authorization", "Bearer " + token);
    }
    return Reason(CallAnything(channel, path, context));
  }
  std::string Token(const Claims& claims = {}) const {
    return key_.Sign(Header("ES256", "k1"), claims.ToJson(HostSeconds()));
  }

  const CertificateMaker files_;
  const SigningKey key_ = SigningKey::Ec();
  std::unique_ptr<ServerProcess> server_;
};

}  // namespace kulanz::e2e
