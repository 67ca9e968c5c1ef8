// Headers for the receiver of traces: what is taken, what is refused, and that nothing of it is ever said.
#include "service/adapters/otlp/otlp_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "service/adapters/otlp/otlp_client.h"

namespace kulanz::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::string Refused(const std::string& text) {
  const auto headers = ParseOtlpHeaders(text);
  EXPECT_FALSE(headers.ok()) << text;
  EXPECT_EQ(headers.status().reason(), "OTLP_HEADERS");
  EXPECT_THAT(headers.status().message(), Not(HasSubstr("s3cret")));
  return headers.status().message();
}

std::string Headers(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += "X-" + std::to_string(i) + ": s3cret\n";
  }
  return text;
}

TEST(OtlpHeadersTest, LinesAreHeaders) {
  EXPECT_THAT(*ParseOtlpHeaders("# of the platform\r\n\r\n  Authorization:Bearer a.b=: c \r\n"
                                "X-Scope-OrgID:\tshop"),
              ElementsAre("Authorization: Bearer a.b=: c", "X-Scope-OrgID: shop"));
}

TEST(OtlpHeadersTest, EveryLineThatIsWrongIsNamedByItsNumberAlone) {
  EXPECT_EQ(Refused("s3cret\n"
                    "X-Good: s3cret\n"
                    ": s3cret\n"
                    "x-good: s3cret\n"
                    "Content-Type: s3cret\n"
                    "X-Empty:  \n"
                    "X s3cret: a\n"
                    "X-Bell: s3cret\a\n"
                    "X-Umlaut: s3cret\xc3\xa4\n"),
            "line 1 must be 'name: value'; "
            "line 3 must begin with the name of a header, of 1 to 64 letters, digits and dashes; "
            "line 4 is a header that was given before; "
            "line 5 is a header that kulanzd sets itself; "
            "line 6 must have a value of 1 to 4096 printable ASCII characters; "
            "line 7 must begin with the name of a header, of 1 to 64 letters, digits and dashes; "
            "line 8 must have a value of 1 to 4096 printable ASCII characters; "
            "line 9 must have a value of 1 to 4096 printable ASCII characters");
}

TEST(OtlpHeadersTest, TheLimitsAreAsSaid) {
  EXPECT_THAT(*ParseOtlpHeaders(Headers(kOtlpHeadersMax)), SizeIs(kOtlpHeadersMax));
  EXPECT_EQ(Refused(Headers(kOtlpHeadersMax + 1)), "must have 1 to 16 headers");
  EXPECT_EQ(Refused("# nothing\n"), "must have 1 to 16 headers");
  const std::string name(kOtlpHeaderNameBytesMax, 'n');
  const std::string value(kOtlpHeaderValueBytesMax, 'v');
  EXPECT_TRUE(ParseOtlpHeaders(name + ": " + value).ok());
  EXPECT_THAT(Refused("n" + name + ": s3cret"), HasSubstr("1 to 64"));
  EXPECT_THAT(Refused("s3cret-name: " + value + "v"), HasSubstr("1 to 4096"));
  std::string many;
  for (int i = 0; i < 30; ++i) {
    many += "s3cret\n";
  }
  EXPECT_THAT(Refused(many), HasSubstr("line 20 must be 'name: value'; and 10 more"));
}

TEST(OtlpHeadersTest, AFileThatCannotBeReadIsNamed) {
  const auto missing = ReadOtlpHeaders("/no/such/headers");
  EXPECT_EQ(missing.status().reason(), "OTLP_HEADERS");
  EXPECT_EQ(missing.status().message(), "/no/such/headers: cannot be read");
  EXPECT_FALSE(ReadOtlpHeaders(::testing::TempDir()).ok()) << "a directory";
  EXPECT_THAT(ReadOtlpHeaders("/dev/zero").status().message(),
              HasSubstr("has more than 16384 bytes"));
}

TEST(OtlpHeadersTest, WhereTheyWouldBeReadOnTheWayIsKnown) {
  for (const char* open : {"http://collector/v1/traces", "http://10.0.0.1/", "http://[::2]/",
                           "http://127.evil.example/", "http://127.0.0.1.evil.example/"}) {
    EXPECT_TRUE(IsSentInTheClear(open)) << open;
  }
  for (const char* safe : {"https://collector/v1/traces", "http://127.0.0.1/", "http://127.1.2.3/",
                           "http://localhost/", "http://[::1]/"}) {
    EXPECT_FALSE(IsSentInTheClear(safe)) << safe;
  }
}

}  // namespace
}  // namespace kulanz::adapters
