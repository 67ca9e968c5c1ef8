// kulanzd with TLS, certificates and tokens, as its callers and its operators meet it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/kulanz/server/metrics_page.h"
#include "tests/e2e/access_fixture.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::HasSubstr;

constexpr const char* kReport = "/kulanz.v1.IncidentService/ReportIncident";
constexpr const char* kRedeem = "/kulanz.v1.VoucherService/RedeemVoucher";
constexpr const char* kRevoke = "/kulanz.v1.VoucherService/RevokeVoucher";

TEST_F(AccessTest, CertificatesSayWhoCalls) {
  Start();
  const auto checkout = Channel("checkout");
  EXPECT_EQ(Call(checkout, kRedeem), "INVALID_ARGUMENT/INVALID_REQUEST");
  EXPECT_EQ(Call(checkout, kReport), "PERMISSION_DENIED/ROLE_MISSING");
  const auto erp = Channel("erp");
  EXPECT_EQ(Call(erp, kReport), "INVALID_ARGUMENT/INVALID_REQUEST");
  EXPECT_EQ(Call(erp, kRedeem), "PERMISSION_DENIED/ROLE_MISSING");
  EXPECT_EQ(Call(Channel("stranger"), kRedeem), "PERMISSION_DENIED/ROLE_MISSING");
  EXPECT_EQ(Call(Channel("two"), kRedeem), "UNAUTHENTICATED/CERTIFICATE_AMBIGUOUS");
  EXPECT_EQ(Call(Channel("none"), kRedeem), "PERMISSION_DENIED/ROLE_MISSING")
      << "without SPIFFE id and DNS name it is known by its common name, which has no role";
  EXPECT_EQ(Call(Channel(), kRedeem), "UNAUTHENTICATED/NO_CREDENTIALS");
  // Of an authority that is not ours: no connection.
  EXPECT_EQ(Call(Channel("forged"), kRedeem).substr(0, 11), "UNAVAILABLE");
  EXPECT_EQ(
      Call(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()), kRedeem)
          .substr(0, 11),
      "UNAVAILABLE");
  // Probes are answered whoever asks.
  EXPECT_EQ(Call(Channel(), "/grpc.health.v1.Health/Check"), "OK");
}

TEST_F(AccessTest, TokensSayWhoCalls) {
  Start();
  const auto channel = Channel();
  Claims support;
  support.more = R"("groups":["support"])";
  EXPECT_EQ(Call(channel, kRevoke, Token(support)), "INVALID_ARGUMENT/INVALID_REQUEST");
  EXPECT_EQ(Call(channel, kRevoke, Token()), "PERMISSION_DENIED/ROLE_MISSING");
  Claims claims = support;
  claims.exp = std::to_string(HostSeconds() - 31);
  EXPECT_EQ(Call(channel, kRevoke, Token(claims)), "UNAUTHENTICATED/TOKEN_EXPIRED");
  claims = support;
  claims.nbf = std::to_string(HostSeconds() + 600);
  EXPECT_EQ(Call(channel, kRevoke, Token(claims)), "UNAUTHENTICATED/TOKEN_NOT_YET_VALID");
  claims = support;
  claims.aud = R"("another-service")";
  EXPECT_EQ(Call(channel, kRevoke, Token(claims)), "UNAUTHENTICATED/TOKEN_AUDIENCE");
  claims = support;
  claims.iss = R"("https://evil.test")";
  EXPECT_EQ(Call(channel, kRevoke, Token(claims)), "UNAUTHENTICATED/TOKEN_ISSUER");
  const std::string json = support.ToJson(HostSeconds());
  EXPECT_EQ(Call(channel, kRevoke, Compact(Header("none", "k1"), json, "")),
            "UNAUTHENTICATED/TOKEN_ALGORITHM");
  EXPECT_EQ(Call(channel, kRevoke, SigningKey::Ec().Sign(Header("ES256", "k1"), json)),
            "UNAUTHENTICATED/TOKEN_SIGNATURE");
  EXPECT_EQ(Call(channel, kRevoke, SigningKey::Ec().Sign(Header("ES256", "k2"), json)),
            "UNAUTHENTICATED/TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(Call(channel, kRevoke, "no.token.atall"), "UNAUTHENTICATED/TOKEN_MALFORMED");
  // With a certificate that would be enough by itself, the token still decides.
  EXPECT_EQ(Call(Channel("checkout"), kRedeem, Token(claims)), "UNAUTHENTICATED/TOKEN_ISSUER");
  // A token is nothing that may stand in a log.
  EXPECT_THAT(server_->log(), ::testing::Not(HasSubstr("eyJ")));
}

TEST_F(AccessTest, AKeyIsReplacedWithoutARestart) {
  Start();
  const SigningKey next = SigningKey::Ec();
  Claims support;
  support.more = R"("groups":["support"])";
  const auto token = [&] {
    return next.Sign(Header("ES256", "k2"), support.ToJson(HostSeconds()));
  };
  const auto channel = Channel();
  EXPECT_EQ(Call(channel, kRevoke, token()), "UNAUTHENTICATED/TOKEN_KEY_UNKNOWN");
  files_.Write("jwks.json", R"({"keys":[)" + key_.Jwk("k1") + "," + next.Jwk("k2") + "]}");
  EXPECT_TRUE(Eventually(
      [&] { return Call(channel, kRevoke, token()) == "INVALID_ARGUMENT/INVALID_REQUEST"; }));
  EXPECT_EQ(Call(channel, kRevoke, Token(support)), "INVALID_ARGUMENT/INVALID_REQUEST");
}

// The subject of the certificate that the server shows to a new connection.
std::string ShownBy(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  CallAnything(channel, "/grpc.health.v1.Health/Check", context);
  const auto names = context.auth_context()->FindPropertyValues("x509_common_name");
  return names.empty() ? "" : std::string(names.front().data(), names.front().size());
}

TEST_F(AccessTest, CertificatesAreReplacedUnderLoadWithoutAFailedCall) {
  constexpr int kRotations = 12;
  for (int i = 0; i < kRotations; ++i) {
    files_.MakeCertificate("kulanz" + std::to_string(i), "ca", "DNS:kulanz.test");
  }
  files_.MakeAuthority("ca2");
  Start();
  std::atomic<bool> stop{false};
  std::atomic<int> good{0};
  std::mutex mutex;
  std::set<std::string> failures;
  const auto call = [&](const std::shared_ptr<grpc::Channel>& channel) {
    const std::string result = Call(channel, kRedeem);
    if (result == "INVALID_ARGUMENT/INVALID_REQUEST") {
      ++good;
    } else {
      const std::lock_guard lock(mutex);
      failures.insert(result);
    }
  };
  std::vector<std::thread> clients;
  clients.emplace_back([&] {  // one connection for all calls
    const auto channel = Channel("checkout");
    while (!stop) {
      call(channel);
    }
  });
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {  // a handshake for each
      while (!stop) {
        call(Channel("checkout"));
      }
    });
  }
  for (int i = 0; i < kRotations; ++i) {
    const std::string name = "kulanz" + std::to_string(i);
    const int before = good;
    // One after the other, and never both at once: for a moment they do not fit.
    files_.Write("tls.crt", files_.Read(name + ".pem"));
    EXPECT_TRUE(Eventually([&] { return good > before + 5; }));
    files_.Write("tls.key", files_.Read(name + ".key"));
    files_.Write("authorities.pem",
                 files_.Read("ca.pem") + (i % 2 == 0 ? files_.Read("ca2.pem") : ""));
    EXPECT_TRUE(Eventually([&] { return ShownBy(Channel("checkout")) == name; })) << name;
  }
  stop = true;
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_TRUE(failures.empty()) << ::testing::PrintToString(failures) << server_->log();
  EXPECT_GT(good, 10 * kRotations);
  // An authority that is gone opens no new connection.
  files_.Write("authorities.pem", files_.Read("ca2.pem"));
  EXPECT_TRUE(Eventually(
      [&] { return Call(Channel("checkout"), kRedeem) != "INVALID_ARGUMENT/INVALID_REQUEST"; }));
  RecordProperty("calls", good);
}

// A sample of the server's metrics page; -1: there is none.
double Measured(const std::string& address, const std::string& name,
                const std::map<std::string, std::string>& labels = {}) {
  const auto page = command::FetchMetrics(address);
  if (!page.ok()) {
    return -1;
  }
  for (const command::Sample& sample : *page) {
    if (sample.name == name && sample.labels == labels) {
      return sample.value;
    }
  }
  return -1;
}

TEST_F(AccessTest, WhoWatchesTheServerSeesFilesThatItCannotUseAndWhenItsCertificateEnds) {
  constexpr const char* kEnd = "kulanz_tls_certificate_not_after_timestamp_seconds";
  files_.MakeCertificate("next", "ca", "DNS:kulanz.test", 30);
  Start();
  const auto rejected = [&](const std::string& files) {
    return Measured(server_->metrics(), "kulanz_files_rejected", {{"files", files}});
  };
  for (const char* files : {"tls", "access", "policies", "secrets"}) {
    EXPECT_EQ(rejected(files), 0) << files;
  }
  const auto now = static_cast<double>(HostSeconds());
  const double first = Measured(server_->metrics(), kEnd);
  EXPECT_GT(first, now + 86'400);
  EXPECT_LE(first, now + 2 * 86'400);

  files_.Write("jwks.json", "no keys");
  files_.Write("tls.crt", files_.Read("next.pem"));
  EXPECT_TRUE(Eventually([&] { return rejected("tls") == 1 && rejected("access") == 1; }));
  EXPECT_EQ(Measured(server_->metrics(), kEnd), first) << "of the one that is served";
  files_.Write("jwks.json", key_.KeySet("k1"));
  files_.Write("tls.key", files_.Read("next.key"));
  EXPECT_TRUE(Eventually([&] { return rejected("tls") == 0 && rejected("access") == 0; }));
  EXPECT_GT(Measured(server_->metrics(), kEnd), now + 29 * 86'400);
}

TEST_F(AccessTest, WithoutTokensNobodyComesInWithoutACertificate) {
  files_.Write("access.yaml",
               "certificates:\n  - {spiffe: spiffe://shop.example/checkout, roles: [redeemer]}\n");
  Start();
  EXPECT_EQ(Call(Channel(), "/grpc.health.v1.Health/Check").substr(0, 11), "UNAVAILABLE");
  EXPECT_EQ(Call(Channel("checkout"), kRedeem), "INVALID_ARGUMENT/INVALID_REQUEST");
}

TEST_F(AccessTest, WhetherATokenWillDoChangesWithoutARestart) {
  const std::string both = files_.Read("access.yaml");
  const std::string certificates_only = both.substr(0, both.find("tokens:"));
  files_.Write("access.yaml", certificates_only);
  Start();
  Claims support;
  support.more = R"("groups":["support"])";
  // How it goes on a new connection without a certificate.
  const auto revoke = [&] { return Call(Channel(), kRevoke, Token(support)); };
  EXPECT_EQ(revoke().substr(0, 11), "UNAVAILABLE");
  files_.Write("access.yaml", both);
  EXPECT_TRUE(Eventually([&] { return revoke() == "INVALID_ARGUMENT/INVALID_REQUEST"; }));
  const auto open = Channel();
  EXPECT_EQ(Call(open, kRevoke, Token(support)), "INVALID_ARGUMENT/INVALID_REQUEST");
  EXPECT_EQ(Call(Channel("checkout"), kRedeem), "INVALID_ARGUMENT/INVALID_REQUEST");
  EXPECT_EQ(Call(Channel("forged"), kRedeem).substr(0, 11), "UNAVAILABLE")
      << "no certificate will do, a wrong one will not";

  files_.Write("access.yaml", certificates_only);
  EXPECT_TRUE(Eventually([&] { return revoke().substr(0, 11) == "UNAVAILABLE"; }));
  EXPECT_EQ(Call(open, kRevoke, Token(support)), "UNAUTHENTICATED/TOKEN_ISSUER")
      << "an open connection stays, and gives nothing";
  EXPECT_EQ(Call(Channel("checkout"), kRedeem), "INVALID_ARGUMENT/INVALID_REQUEST");
}

TEST_F(AccessTest, AStreamIsNoLongerEntitledThanItsCaller) {
  const std::string rules = files_.Read("access.yaml");
  Start();
  const auto channel = Channel("erp");
  grpc::ClientContext context;
  const auto stub = v1::IncidentService::NewStub(channel);
  const auto stream = stub->StreamIncidents(&context);
  // What a message is answered with, whose incident says nothing.
  const auto send = [&] {
    v1::StreamIncidentsRequest request;
    request.set_request_id("m");
    v1::StreamIncidentsResponse response;
    EXPECT_TRUE(stream->Write(request) && stream->Read(&response));
    return response.error().code();
  };
  EXPECT_EQ(send(), grpc::INVALID_ARGUMENT);
  std::string without = rules;
  without.replace(without.find("[reporter]"), 10, "[redeemer]");
  files_.Write("access.yaml", without);
  EXPECT_TRUE(Eventually([&] { return send() == grpc::PERMISSION_DENIED; }));
  files_.Write("access.yaml", rules);
  EXPECT_TRUE(Eventually([&] { return send() == grpc::INVALID_ARGUMENT; }));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(AccessTest, ATokenMayBeAsLongAsIsSaid) {
  Start();
  const auto channel = Channel();
  const auto padded = [&](std::size_t bytes) {
    Claims claims;
    claims.more = R"("groups":["support"],"padding":")" + std::string(bytes, 'x') + "\"";
    return Token(claims);
  };
  // Base64 makes four characters of three bytes.
  EXPECT_EQ(Call(channel, kRevoke, padded(11'500)), "INVALID_ARGUMENT/INVALID_REQUEST");
  EXPECT_EQ(Call(channel, kRevoke, padded(12'500)), "UNAUTHENTICATED/TOKEN_MALFORMED");
}

TEST_F(AccessTest, ProbesHaveAnAddressOfTheirOwnThatServesNothingElse) {
  std::vector<std::string> arguments = Arguments();
  arguments.insert(arguments.end(), {"--health-listen", "127.0.0.1:0"});
  server_ = std::make_unique<ServerProcess>(arguments);
  ASSERT_TRUE(server_->AwaitPorts());
  const std::string log = server_->log();
  const std::string key = R"("health_port":")";
  const std::size_t at = log.find(key);
  ASSERT_NE(at, std::string::npos) << log;
  const std::string port =
      log.substr(at + key.size(), log.find('"', at + key.size()) - at - key.size());
  const auto channel = grpc::CreateChannel("127.0.0.1:" + port, grpc::InsecureChannelCredentials());
  EXPECT_EQ(Call(channel, "/grpc.health.v1.Health/Check"), "OK");
  EXPECT_EQ(Call(channel, "/grpc.health.v1.Health/Watch").substr(0, 9), "CANCELLED");
  EXPECT_EQ(Call(channel, kRedeem).substr(0, 13), "UNIMPLEMENTED");
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->AwaitExit(), 0);
}

TEST_F(AccessTest, KulanzdDoesNotStartHalfProtected) {
  const auto refused = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--data", files_.File("data"), "--rules",
                                         test::SourcePath("tests/e2e/rules"), "--metrics", ""});
    const Outcome outcome = RunProgram("kulanzd", arguments);
    EXPECT_NE(outcome.exit_code, 0) << outcome.output;
    return outcome.output;
  };
  const std::string anywhere = "0.0.0.0:0";
  for (const std::string store : {"--embedded", "--store=memory", "--redis=redis://127.0.0.1:0"}) {
    EXPECT_THAT(refused({store, "--listen", anywhere}),
                HasSubstr("--listen 0.0.0.0:0 can be reached from other machines"));
  }
  EXPECT_THAT(refused({"--embedded", "--without-credentials"}),
              HasSubstr("--without-credentials is not for --embedded"));
  EXPECT_THAT(refused({"--store=memory", "--listen", "127.0.0.1:0", "--access-file",
                       files_.File("access.yaml")}),
              HasSubstr("that needs --tls-client-ca-file"));
  files_.Write("access.yaml", "certificates:\n  - {nam: x, roles: [boss]}\n");
  const std::string problems = refused(
      {"--store=memory", "--listen", "127.0.0.1:0", "--access-file", files_.File("access.yaml")});
  EXPECT_THAT(problems, HasSubstr("access.yaml:2:6: error:"));
  EXPECT_THAT(problems, HasSubstr("'boss' is no role"));
}

}  // namespace
}  // namespace kulanz::e2e
