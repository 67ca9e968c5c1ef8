// Who calls, by what they show; and rules that change while the server runs.

#include "service/kulanzd/access_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "tests/support/recorded_files.h"
#include "tests/support/tls/certificate_maker.h"
#include "tests/support/tokens/token_maker.h"

namespace kulanz::server {
namespace {

using app::Role;
using app::RoleSet;
using kulanz::testing::CertificateMaker;
using kulanz::testing::Claims;
using kulanz::testing::Header;
using kulanz::testing::SigningKey;
using rpc::Credentials;

constexpr std::int64_t kNow = 1'800'000'000;

class AccessControlTest : public ::testing::Test {
 protected:
  AccessControlTest() {
    files_.Write("jwks.json", key_.KeySet("k1"));
    files_.Write("access.yaml", R"(certificates:
  - {spiffe: spiffe://shop.example/checkout, roles: [redeemer]}
  - {name: erp.internal, roles: [reporter]}
  - {name: ops.internal, roles: [operator]}
tokens:
  - issuer: https://login.test
    audience: kulanz
    algorithms: [ES256]
    keys: jwks.json
    groups_claim: groups
    groups: {support: [agent]}
    subjects: {anna: [author]}
)");
    Load();
  }
  void Load() {
    auto loaded = LoadFor({.client_ca_file = "ca.pem", .access_file = files_.File("access.yaml")});
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    control_ = std::move(loaded).value();
  }
  Result<std::unique_ptr<AccessControl>> LoadFor(const TlsAccess& access) {
    return AccessControl::Load(
        access, [this] { return Instant(std::chrono::seconds(now_)); }, telemetry_, log_);
  }
  Result<app::Caller> Identify(const Credentials& shown) const {
    return control_->Identify(shown, {"ipv4:10.0.0.5", "10.0.0.5"});
  }
  // "ID: roles", or the reason.
  std::string Who(const Credentials& shown) const {
    const auto caller = Identify(shown);
    if (!caller.ok()) {
      EXPECT_EQ(caller.status().code(), Code::kUnauthenticated);
      return std::string(caller.status().reason());
    }
    EXPECT_TRUE(caller->authenticated);
    EXPECT_EQ(caller->address, "10.0.0.5");
    return caller->id + ": " + ToText(caller->roles);
  }
  std::string ByToken(const std::string& token) const {
    return Who({.authorization = {"Bearer " + token}});
  }
  std::string Token(const Claims& claims = {}, const std::string& kid = "k1") const {
    return key_.Sign(Header("ES256", kid), claims.ToJson(kNow));
  }

  kulanz::testing::RecordedFiles telemetry_;
  ports::NullLog log_;
  const CertificateMaker files_;
  const SigningKey key_ = SigningKey::Ec();
  std::int64_t now_ = kNow;
  std::unique_ptr<AccessControl> control_;
};

TEST_F(AccessControlTest, ASpiffeIdMustBeTheOnlyUriOfItsCertificate) {
  const std::string checkout = "spiffe://shop.example/checkout";
  EXPECT_EQ(Who({.has_certificate = true, .uris = {checkout}}), checkout + ": redeemer");
  EXPECT_EQ(Who({.has_certificate = true, .uris = {checkout, "spiffe://shop.example/admin"}}),
            "CERTIFICATE_AMBIGUOUS");
  EXPECT_EQ(Who({.has_certificate = true, .uris = {"https://x", checkout}}),
            "CERTIFICATE_AMBIGUOUS");
  EXPECT_EQ(Who({.has_certificate = true, .uris = {"spiffe://shop.example/other"}}),
            "spiffe://shop.example/other: none");
  // A name that is known gives nothing to a certificate that says another identity.
  EXPECT_EQ(Who({.has_certificate = true,
                 .uris = {"spiffe://shop.example/other"},
                 .dns_names = {"ops.internal"}}),
            "spiffe://shop.example/other: none");
}

TEST_F(AccessControlTest, WithoutUrisTheNamesOfACertificateCount) {
  EXPECT_EQ(Who({.has_certificate = true, .dns_names = {"erp.internal"}}),
            "certificate:erp.internal: reporter");
  EXPECT_EQ(Who({.has_certificate = true, .dns_names = {"x.internal", "erp.internal"}}),
            "certificate:erp.internal: reporter");
  EXPECT_EQ(Who({.has_certificate = true, .common_name = "erp.internal"}),
            "certificate:erp.internal: reporter");
  EXPECT_EQ(Who({.has_certificate = true, .dns_names = {"y"}, .common_name = "erp.internal"}),
            "certificate:y: none")
      << "the common name counts only where there are no others";
  EXPECT_EQ(Who({.has_certificate = true, .dns_names = {"erp.internal", "ops.internal"}}),
            "CERTIFICATE_AMBIGUOUS");
  EXPECT_EQ(Who({.has_certificate = true}), "CERTIFICATE_UNNAMED");
  EXPECT_EQ(Who({}), "NO_CREDENTIALS");
}

TEST_F(AccessControlTest, ATokenGivesTheRolesOfItsSubjectAndItsGroups) {
  EXPECT_EQ(ByToken(Token()), "token:https://login.test#anna: author");
  Claims claims;
  claims.more = R"("groups":["support","unknown"])";
  EXPECT_EQ(ByToken(Token(claims)), "token:https://login.test#anna: agent, author");
  claims.sub = R"("bob")";
  EXPECT_EQ(ByToken(Token(claims)), "token:https://login.test#bob: agent");
  claims.more = "";
  EXPECT_EQ(ByToken(Token(claims)), "token:https://login.test#bob: none");
}

TEST_F(AccessControlTest, ABadTokenIsNotHealedByAGoodCertificate) {
  Credentials shown{.has_certificate = true, .uris = {"spiffe://shop.example/checkout"}};
  shown.authorization = {"Bearer " + Token()};
  EXPECT_EQ(Who(shown), "token:https://login.test#anna: author");
  Claims expired;
  expired.exp = std::to_string(kNow - 31);
  shown.authorization = {"Bearer " + Token(expired)};
  EXPECT_EQ(Who(shown), "TOKEN_EXPIRED");
  for (const char* text : {"", "Bearer", "Bearer ", "Basic YTpi", "bearer"}) {
    shown.authorization = {text};
    EXPECT_EQ(Who(shown), "AUTHORIZATION_MALFORMED") << text;
  }
  shown.authorization = {"Bearer " + Token(), "Bearer " + Token()};
  EXPECT_EQ(Who(shown), "AUTHORIZATION_MALFORMED");
  shown.authorization = {"bEaReR " + Token()};
  EXPECT_EQ(Who(shown), "token:https://login.test#anna: author");
}

TEST_F(AccessControlTest, KeysAndRulesAreTakenOverWhenTheyChange) {
  const SigningKey next = SigningKey::Ec();
  const std::string token = next.Sign(Header("ES256", "k2"), Claims().ToJson(kNow));
  EXPECT_EQ(ByToken(token), "TOKEN_KEY_UNKNOWN");
  files_.Write("jwks.json", R"({"keys":[)" + key_.Jwk("k1") + "," + next.Jwk("k2") + "]}");
  control_->Tick();
  EXPECT_EQ(ByToken(token), "token:https://login.test#anna: author");
  EXPECT_EQ(ByToken(Token()), "token:https://login.test#anna: author")
      << "the old one still counts";
  files_.Write("jwks.json", "no keys at all");
  control_->Tick();
  EXPECT_EQ(ByToken(token), "token:https://login.test#anna: author") << "what was active stays";
  files_.Write("jwks.json", next.KeySet("k2"));
  control_->Tick();
  EXPECT_EQ(ByToken(Token()), "TOKEN_KEY_UNKNOWN");
  files_.Write("access.yaml", "certificates:\n  - {name: erp.internal, roles: [admin]}\n");
  control_->Tick();
  EXPECT_EQ(ByToken(token), "TOKEN_ISSUER");
  EXPECT_EQ(Who({.has_certificate = true, .dns_names = {"erp.internal"}}),
            "certificate:erp.internal: admin");
  files_.Write("access.yaml", "certificates:\n  - {name: erp.internal, roles: [amdin]}\n");
  control_->Tick();
  EXPECT_EQ(Who({.has_certificate = true, .dns_names = {"erp.internal"}}),
            "certificate:erp.internal: admin");
}

TEST_F(AccessControlTest, TellsWhenRulesOrKeysAreOlderThanTheFiles) {
  EXPECT_TRUE(telemetry_.Usable("access"));
  files_.Write("jwks.json", "no keys at all");
  control_->Tick();
  EXPECT_FALSE(telemetry_.Usable("access"));
  control_->Tick();
  EXPECT_FALSE(telemetry_.Usable("access")) << "until somebody acts";
  files_.Write("jwks.json", key_.KeySet("k1"));
  control_->Tick();
  EXPECT_TRUE(telemetry_.Usable("access"));
  files_.Write("access.yaml", "certificates:\n  - {name: erp.internal, roles: [amdin]}\n");
  control_->Tick();
  EXPECT_FALSE(telemetry_.Usable("access"));
}

TEST_F(AccessControlTest, SaysAtOnceWhetherATokenWillDo) {
  EXPECT_TRUE(control_->takes_tokens());
  files_.Write("access.yaml", "certificates:\n  - {name: erp.internal, roles: [admin]}\n");
  control_->Tick();
  EXPECT_FALSE(control_->takes_tokens());
}

TEST_F(AccessControlTest, CertificatesThatNobodyCanShowAreRefusedAtTheStartAndLater) {
  const TlsAccess asks_for_none{.access_file = files_.File("access.yaml")};
  const auto refused = LoadFor(asks_for_none);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().reason(), "ACCESS_FILE");
  EXPECT_THAT(refused.status().message(), ::testing::HasSubstr("needs --tls-client-ca-file"));

  const auto with_roles = [&](const std::string& roles, const std::string& more) {
    files_.Write("access.yaml", R"(tokens:
  - issuer: https://login.test
    audience: kulanz
    algorithms: [ES256]
    keys: jwks.json
    subjects: {anna: )" + roles + "}\n" +
                                    more);
  };
  with_roles("[author]", "");
  auto loaded = LoadFor(asks_for_none);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  control_ = std::move(loaded).value();
  with_roles("[agent]", "certificates:\n  - {name: erp.internal, roles: [reporter]}\n");
  control_->Tick();
  EXPECT_FALSE(telemetry_.Usable("access"));
  EXPECT_EQ(ByToken(Token()), "token:https://login.test#anna: author") << "what was active stays";
  with_roles("[agent]", "");
  control_->Tick();
  EXPECT_TRUE(telemetry_.Usable("access"));
  EXPECT_EQ(ByToken(Token()), "token:https://login.test#anna: agent");
}

TEST_F(AccessControlTest, ATokenThatWasGoodIsNotGoodForEver) {
  Claims claims;
  claims.exp = std::to_string(kNow + 60);
  claims.nbf = std::to_string(kNow - 60);
  const std::string token = Token(claims);
  const std::string anna = "token:https://login.test#anna: author";
  EXPECT_EQ(ByToken(token), anna);
  EXPECT_EQ(ByToken(token), anna);
  std::string changed = token;
  char& first = changed[token.rfind('.') + 1];
  first = first == 'A' ? 'B' : 'A';
  EXPECT_EQ(ByToken(changed), "TOKEN_SIGNATURE") << "only the very same token is known";
  now_ = kNow + 89;
  EXPECT_EQ(ByToken(token), anna);
  now_ = kNow + 90;
  EXPECT_EQ(ByToken(token), "TOKEN_EXPIRED");
  now_ = kNow - 91;
  EXPECT_EQ(ByToken(token), "TOKEN_NOT_YET_VALID");
}

TEST(TokenCacheTest, KeepsNoMoreThanItsLimit) {
  TokenCache cache;
  const Instant begin{};
  const Instant end = begin + std::chrono::hours{1};
  for (std::size_t i = 0; i < kTokensCachedMax; ++i) {
    cache.Put(std::to_string(i), {"id", {}, begin, end});
  }
  EXPECT_EQ(cache.size(), kTokensCachedMax);
  EXPECT_TRUE(cache.Find("0", begin));
  cache.Put("one more", {"id", {}, begin, end});
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_FALSE(cache.Find("0", begin));
  EXPECT_TRUE(cache.Find("one more", begin));
}

TEST_F(AccessControlTest, IdentifiesWhileItIsReplaced) {
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::thread asking([&] {
    const std::string token = Token();
    while (!stop) {
      wrong += ByToken(token) == "token:https://login.test#anna: author" ? 0 : 1;
    }
  });
  for (int i = 0; i < 20; ++i) {
    files_.Write("jwks.json", key_.KeySet("k1") + std::string(static_cast<std::size_t>(i), ' '));
    control_->Tick();
  }
  stop = true;
  asking.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(AccessControlTest, AFileThatCannotBeUsedIsNamedAtTheStart) {
  files_.Write("jwks.json", "{}");
  const auto loaded =
      LoadFor({.client_ca_file = "ca.pem", .access_file = files_.File("access.yaml")});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().reason(), "KEY_SET");
  EXPECT_THAT(loaded.status().message(), ::testing::HasSubstr("jwks.json: the key set"));
}

}  // namespace
}  // namespace kulanz::server
