// The file that says who may call: what is in it, and everything that is wrong with it.

#include "service/kulanzd/access_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kulanz::server {
namespace {

using app::Role;
using app::RoleSet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kGood = R"(certificates:
  - spiffe: spiffe://shop.example/checkout
    roles: [redeemer]
  - name: erp.internal
    roles: [reporter, operator]
tokens:
  - issuer: https://login.shop.example
    audience: [kulanz, kulanz-staging]
    algorithms: [RS256, ES256]
    keys: keys/jwks.json
    leeway: 10s
    groups_claim: [realm_access, roles]
    groups: {support: [agent], platform: [operator, author]}
    subjects: {ci: [author]}
)";

std::string Problems(const std::string& text) {
  const auto rules = ParseAccessFile("access.yaml", text);
  return rules.ok() ? "" : rules.status().message();
}

TEST(AccessFileTest, SaysWhoHasWhichRoles) {
  const auto rules = ParseAccessFile("/etc/kulanz/access.yaml", std::string(kGood));
  ASSERT_TRUE(rules.ok()) << rules.status().message();
  EXPECT_EQ(rules->spiffe_ids.at("spiffe://shop.example/checkout"), RoleSet{Role::kRedeemer});
  EXPECT_EQ(rules->certificates.at("erp.internal"), (RoleSet{Role::kReporter, Role::kOperator}));
  ASSERT_EQ(rules->issuers.size(), 1U);
  const IssuerRules& issuer = rules->issuers.front();
  EXPECT_EQ(issuer.issuer, "https://login.shop.example");
  EXPECT_THAT(issuer.audiences, ElementsAre("kulanz", "kulanz-staging"));
  EXPECT_THAT(issuer.algorithms, ElementsAre("RS256", "ES256"));
  EXPECT_EQ(issuer.keys, "/etc/kulanz/keys/jwks.json");
  EXPECT_EQ(issuer.leeway, std::chrono::seconds{10});
  EXPECT_THAT(issuer.groups_at, ElementsAre("realm_access", "roles"));
  EXPECT_EQ(issuer.groups.at("platform"), (RoleSet{Role::kOperator, Role::kAuthor}));
  EXPECT_EQ(issuer.subjects.at("ci"), RoleSet{Role::kAuthor});
}

TEST(AccessFileTest, NamesEveryProblemWithItsPlace) {
  const std::string problems = Problems(R"(certificates:
  - spiffe: http://shop.example/checkout
    roles: [redemer]
  - name: a
    spiffe: spiffe://x/y
    roles: [agent]
  - name: b
    roles: []
  - name: c
    rolls: [agent]
tokens:
  - issuer: https://login
    audience: kulanz
    algorithms: [HS256, none]
    keys: k
    leeway: 6m
    groups_claim: groups
acces: 1
)");
  EXPECT_THAT(problems, HasSubstr("access.yaml:2:13: error: 'http://shop.example/checkout' is no "
                                  "SPIFFE id"));
  EXPECT_THAT(problems, HasSubstr("access.yaml:3:13: error: 'redemer' is no role"));
  EXPECT_THAT(problems, HasSubstr("did you mean 'redeemer'?"));
  EXPECT_THAT(problems, HasSubstr("access.yaml:4:5: error: a certificate has either"));
  EXPECT_THAT(problems, HasSubstr("there must be a role at least"));
  EXPECT_THAT(problems, HasSubstr("access.yaml:10:5: error:"));
  EXPECT_THAT(problems, HasSubstr("did you mean 'roles'?"));
  EXPECT_THAT(problems, HasSubstr("'HS256' is no algorithm that tokens may be signed by"));
  EXPECT_THAT(problems, HasSubstr("'none' is no algorithm"));
  EXPECT_THAT(problems, HasSubstr("access.yaml:16:13: error:"));  // the leeway
  EXPECT_THAT(problems, HasSubstr("'groups_claim' and 'groups' need each other"));
  EXPECT_THAT(problems, HasSubstr("'acces'"));
}

TEST(AccessFileTest, RefusesRepetitionsAndFilesByWhichNobodyMayCall) {
  EXPECT_THAT(
      Problems("certificates:\n  - {name: a, roles: [agent]}\n  - {name: a, roles: [admin]}\n"),
      HasSubstr("'a' stands here twice"));
  EXPECT_THAT(Problems("certificates:\n  - {name: a, roles: [agent, agent]}\n"),
              HasSubstr("the role stands here twice"));
  EXPECT_THAT(Problems("certificates: []\n"), HasSubstr("nobody may call by this file"));
  EXPECT_NE(Problems(""), "");
  EXPECT_NE(Problems("certificates: &a []\n"), "");
  EXPECT_THAT(Problems("tokens:\n  - {issuer: i, audience: a, algorithms: [RS256], keys: k}\n"),
              HasSubstr("nobody has a role by this issuer"));
}

TEST(AccessFileTest, HoldsItsLimits) {
  const auto certificates = [](std::size_t count) {
    std::string text = "certificates:\n";
    for (std::size_t i = 0; i < count; ++i) {
      text += "  - {name: c" + std::to_string(i) + ", roles: [agent]}\n";
    }
    return text;
  };
  EXPECT_EQ(Problems(certificates(kCertificatesMax)), "");
  EXPECT_NE(Problems(certificates(kCertificatesMax + 1)), "");
  const auto issuers = [](std::size_t count) {
    std::string text = "tokens:\n";
    for (std::size_t i = 0; i < count; ++i) {
      text += "  - {issuer: i" + std::to_string(i) +
              ", audience: a, algorithms: [RS256], keys: k, subjects: {s: [agent]}}\n";
    }
    return text;
  };
  EXPECT_EQ(Problems(issuers(kIssuersMax)), "");
  EXPECT_NE(Problems(issuers(kIssuersMax + 1)), "");
}

}  // namespace
}  // namespace kulanz::server
