#include "service/adapters/smtp/smtp_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SmtpOptions Good() {
  SmtpOptions options;
  options.url = "smtp://mail.example";
  return options;
}

TEST(SmtpUrlTest, NamesAServer) {
  struct Case {
    std::string url;
    SmtpServer server;
  };
  for (const Case& each : {Case{"smtp://mail.example", {false, "mail.example", 587}},
                           {"smtps://mail.example", {true, "mail.example", 465}},
                           {"smtp://192.0.2.1:25", {false, "192.0.2.1", 25}},
                           {"smtps://[2001:db8::1]:465", {true, "[2001:db8::1]", 465}},
                           {"smtp://[fe80::1]", {false, "[fe80::1]", 587}},
                           {"smtp://a:65535", {false, "a", 65535}}}) {
    ASSERT_OK_AND_ASSIGN(const SmtpServer server, ParseSmtpUrl(each.url));
    EXPECT_EQ(server, each.server) << each.url;
  }
}

TEST(SmtpUrlTest, EverythingElseIsRefused) {
  for (const std::string& url :
       {std::string(), std::string("mail.example"), std::string("http://mail.example"),
        std::string("smtp://"), std::string("smtp://:25"), std::string("smtp://a:0"),
        std::string("smtp://a:65536"), std::string("smtp://a:"), std::string("smtp://a:2 5"),
        std::string("smtp://u:p@a"), std::string("smtp://a/b"), std::string("smtp://a?b"),
        std::string("smtp://a\r\nb"), std::string("smtp://bücher.example"),
        std::string("smtp://[::1"), std::string("smtp://[zz::1]"), std::string("smtp://-a"),
        "smtp://" + std::string(256, 'a')}) {
    EXPECT_THAT(ParseSmtpUrl(url), StatusIs(Code::kInvalidArgument, "SMTP_URL")) << url;
  }
}

TEST(SmtpOptionsTest, LimitsHoldAtTheLimitAndNotPastIt) {
  SmtpOptions options = Good();
  EXPECT_THAT(Violations(options), IsEmpty());
  options.connections = kSmtpConnectionsMax;
  options.letters_per_second = kSmtpRateMax;
  options.timeout = kSmtpTimeoutMax;
  options.user = std::string(kSmtpUserBytesMax, 'u');
  options.password_file = "/run/secrets/smtp";
  options.sender = "bounces@bücher.example";
  options.client_name = "kulanz.example";
  EXPECT_THAT(Violations(options), IsEmpty());
  options.timeout = kSmtpTimeoutMin;
  options.connections = 1;
  EXPECT_THAT(Violations(options), IsEmpty());
}

TEST(SmtpOptionsTest, EverythingThatIsWrongIsNamedAtOnce) {
  SmtpOptions options;
  options.url = "smtp://a/b";
  options.user = std::string(kSmtpUserBytesMax + 1, 'u');
  options.sender = "no address";
  options.client_name = "a b";
  options.connections = kSmtpConnectionsMax + 1;
  options.letters_per_second = kSmtpRateMax + 1;
  options.timeout = kSmtpTimeoutMax + Duration{1};
  EXPECT_THAT(Violations(options),
              ElementsAre(HasSubstr("--smtp: "), HasSubstr("--smtp-password-file"),
                          HasSubstr("--smtp-user"), HasSubstr("--smtp-from"),
                          HasSubstr("--smtp-client-name"), HasSubstr("--smtp-connections"),
                          HasSubstr("--smtp-rate"), HasSubstr("--smtp-timeout")));
  options = Good();
  options.connections = 0;
  options.timeout = kSmtpTimeoutMin - Duration{1};
  options.password_file = "/x";
  EXPECT_THAT(Violations(options),
              ElementsAre(HasSubstr("--smtp-user"), HasSubstr("--smtp-connections"),
                          HasSubstr("--smtp-timeout")));
  options = Good();
  options.user = "a\r\nb";
  options.password_file = "/x";
  EXPECT_THAT(Violations(options), ElementsAre(HasSubstr("--smtp-user")));
}

}  // namespace
}  // namespace kulanz::adapters
