#include "service/adapters/mail/mail_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::StatusIs;

std::string Ascii(std::string_view address) {
  const Result<std::string> result = ToAsciiAddress(address);
  return result.ok() ? *result : result.status().ToString();
}

TEST(MailAddressTest, TakesWhatMailServersTake) {
  EXPECT_EQ(Ascii("a@b.example"), "a@b.example");
  EXPECT_EQ(Ascii("first.last+tag/x=y'z@sub.example.com"), "first.last+tag/x=y'z@sub.example.com");
  EXPECT_EQ(DomainOf("a@b.example"), "b.example");
}

TEST(MailAddressTest, DomainsBecomeAscii) {
  EXPECT_EQ(Ascii("a@müller.example"), "a@xn--mller-kva.example");
  EXPECT_EQ(Ascii("a@straße.example"), "a@xn--strae-oqa.example") << "IDNA 2008 keeps the ß";
  EXPECT_EQ(Ascii("a@BÜCHER.example"), "a@xn--bcher-kva.example");
  EXPECT_EQ(Ascii("a@例え.テスト"), "a@xn--r8jz45g.xn--zckzah");
}

TEST(MailAddressTest, LengthsAreHeldToTheByte) {
  const std::string d63(63, 'd');
  const std::string domain = d63 + "." + d63 + "." + d63 + ".";
  EXPECT_THAT(ToAsciiAddress(std::string(64, 'l') + "@b.example"), kulanz::testing::IsOk());
  EXPECT_THAT(ToAsciiAddress(std::string(65, 'l') + "@b.example"),
              StatusIs(Code::kInvalidArgument, "BAD_ADDRESS"));
  EXPECT_THAT(ToAsciiAddress("a@" + domain + std::string(58, 'd') + ".eu"),
              kulanz::testing::IsOk());
  EXPECT_THAT(ToAsciiAddress("a@" + d63 + "d.eu"), StatusIs(Code::kInvalidArgument, "BAD_ADDRESS"));
  EXPECT_THAT(ToAsciiAddress("a@" + domain + d63 + "." + d63 + ".eu"),
              StatusIs(Code::kInvalidArgument, "BAD_ADDRESS"));
}

TEST(MailAddressTest, RefusesWhatIsNoAddressAndNeverQuotesIt) {
  for (const std::string bad : {"",
                                "secret",
                                "@b.example",
                                "secret@",
                                "secret@b",
                                "secret@@b.example",
                                ".secret@b.example",
                                "secret.@b.example",
                                "sec..ret@b.example",
                                "sec ret@b.example",
                                "\"secret\"@b.example",
                                "sécret@b.example",
                                "secret@[127.0.0.1]",
                                "secret@b .example",
                                "secret@-b.example",
                                "secret@b_c.example",
                                "secret@b..example",
                                "secret@b.example\r\nBcc: x@y.example",
                                "secret@b.example\n",
                                "secret<x@b.example",
                                "secret@\u202Eb.example",
                                "secret@\xFF.example"}) {
    const Result<std::string> result = ToAsciiAddress(bad);
    EXPECT_THAT(result, StatusIs(Code::kInvalidArgument, "BAD_ADDRESS")) << bad;
    EXPECT_EQ(result.status().ToString().find("ecret"), std::string::npos)
        << result.status().ToString();
  }
}

}  // namespace
}  // namespace kulanz::adapters
