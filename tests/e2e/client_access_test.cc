// The verbs of kulanz that talk to a server, to one that wants to know who asks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/e2e/access_fixture.h"

namespace kulanz::e2e {
namespace {

using ::testing::HasSubstr;

class ClientAccessTest : public AccessTest {
 protected:
  ClientAccessTest() { Start(); }
  Outcome Kulanz(std::vector<std::string> arguments, const std::vector<std::string>& access) const {
    arguments.insert(arguments.begin() + 1, {"--server", server_->address()});
    arguments.insert(arguments.begin() + 3, access.begin(), access.end());
    return RunProgram("kulanz", arguments);
  }
  std::vector<std::string> WithAuthority(std::vector<std::string> more = {}) const {
    more.insert(more.end(),
                {"--tls-ca-file", files_.File("ca.pem"), "--tls-server-name", "kulanz.test"});
    return more;
  }
};

TEST_F(ClientAccessTest, HealthNeedsTheServersAuthorityAndNoRole) {
  EXPECT_EQ(Kulanz({"health"}, WithAuthority()).output, "SERVING\n");
  EXPECT_EQ(Kulanz({"health", "--timeout-ms", "500"}, {}).exit_code, 1) << "in plaintext";
  EXPECT_EQ(Kulanz({"health", "--timeout-ms", "500"},
                   {"--tls-ca-file", files_.File("other.pem"), "--tls-server-name", "kulanz.test"})
                .exit_code,
            1)
      << "of another authority";
  EXPECT_EQ(
      Kulanz({"health", "--timeout-ms", "500"}, {"--tls-ca-file", files_.File("ca.pem")}).exit_code,
      1)
      << "made out to another name";
}

TEST_F(ClientAccessTest, ATokenOrACertificateOpensWhatItsRolesMay) {
  Claims support;
  support.more = R"("groups":["support"])";
  files_.Write("token", Token(support) + "\n");
  const Outcome letters =
      Kulanz({"letters", "list"}, WithAuthority({"--token-file", files_.File("token")}));
  EXPECT_EQ(letters.exit_code, 0) << letters.output;
  EXPECT_THAT(Kulanz({"letters", "list"}, WithAuthority()).output, HasSubstr("NO_CREDENTIALS"));
  const auto certificate = WithAuthority(
      {"--tls-cert-file", files_.File("erp.pem"), "--tls-key-file", files_.File("erp.key")});
  EXPECT_THAT(Kulanz({"letters", "list"}, certificate).output, HasSubstr("ROLE_MISSING"));
  files_.Write("customers.csv", "customer_id,given_name\nC-1,Zoe\n");
  EXPECT_THAT(Kulanz({"import-customers", files_.File("customers.csv")},
                     WithAuthority({"--token-file", files_.File("token")}))
                  .output,
              HasSubstr("ROLE_MISSING"));
}

}  // namespace
}  // namespace kulanz::e2e
