#include "service/adapters/grpc/text.h"

#include <gtest/gtest.h>

#include <string>

#include "service/adapters/grpc/field_path.h"

namespace kulanz::rpc {
namespace {

using std::string_literals::operator""s;

TEST(TextTest, DecodesEveryLengthOfSymbol) {
  EXPECT_EQ(DecodeSymbol("a").code_point, U'a');
  EXPECT_EQ(DecodeSymbol("ß").code_point, U'ß');
  EXPECT_EQ(DecodeSymbol("€").bytes, 3U);
  EXPECT_EQ(DecodeSymbol("😀").code_point, U'😀');
}

TEST(TextTest, RefusesWhatIsNotUtf8) {
  for (const std::string& text :
       {"\xC0\x80"s, "\xC1\xBF"s, "\xE0\x80\x80"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s,
        "\xF8\x88\x80\x80\x80"s, "\x80"s, "\xE2\x82"s, "\xFF"s}) {
    EXPECT_FALSE(IsUtf8("ok" + text)) << testing::PrintToString(text);
  }
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("Ayşe Schröder 😀"));
}

TEST(TextTest, PrintableTextHasNothingThatBreaksALine) {
  for (const std::string& text :
       {"\n"s, "\r"s, "\t"s, "\0"s, "\x7F"s, "\xC2\x85"s, "\xE2\x80\xA8"s, "\xE2\x80\xAE"s,
        "\xE2\x81\xA6"s, "\xEF\xBB\xBF"s, "\xEF\xBF\xBF"s, "\xEF\xB7\x90"s}) {
    EXPECT_FALSE(IsPrintableText("a" + text + "b")) << testing::PrintToString(text);
  }
  EXPECT_TRUE(IsPrintableText("Zoë O'Connor, 東京 (a/b) ~"));
}

TEST(TextTest, AddressesAreWhatAMailHeaderTakes) {
  for (const char* good : {"a@b", "anna@example.com", "a.b+c@x-y.example", "o'connor@mail.example",
                           "x@xn--mnchen-3ya.example"}) {
    EXPECT_TRUE(IsEmailAddress(good)) << good;
  }
  for (const char* bad : {"",
                          "anna",
                          "@example.com",
                          "anna@",
                          "a@@b",
                          "a@b@c",
                          "a b@c.d",
                          "<a@b.c>",
                          "a@b.c,d@e.f",
                          ".a@b",
                          "a.@b",
                          "a..b@c",
                          "a@-b",
                          "a@b-",
                          "a@b..c",
                          "a@.b",
                          "a@b.",
                          "a@[127.0.0.1]",
                          "\"a b\"@c",
                          "ä@example.com",
                          "a@exämple.com",
                          "a@b\r\nBcc: x@y",
                          "a:b@c",
                          "a@b_c"}) {
    EXPECT_FALSE(IsEmailAddress(bad)) << bad;
  }
  EXPECT_TRUE(IsEmailAddress(std::string(64, 'a') + "@b"));
  EXPECT_FALSE(IsEmailAddress(std::string(65, 'a') + "@b"));
  const std::string label = std::string(63, 'b') + ".";
  EXPECT_TRUE(IsEmailAddress("a@" + label + label + label + std::string(63, 'b')));
  EXPECT_FALSE(IsEmailAddress("a@" + label + label + label + std::string(64, 'b')));
  EXPECT_FALSE(IsEmailAddress("a@" + label + label + label + label + "b"));
}

TEST(TextTest, LanguageTagsHaveTheShapeOfBcp47) {
  for (const char* good : {"de", "de-CH", "zh-Hant-TW", "es-419", "de-x-phonebk"}) {
    EXPECT_TRUE(IsLanguageTag(good)) << good;
  }
  for (const char* bad :
       {"", "d", "de_DE", "de-", "-de", "klingon!", "de--CH", "12", "de-abcdefghi"}) {
    EXPECT_FALSE(IsLanguageTag(bad)) << bad;
  }
}

TEST(FieldPathTest, IsWrittenAsProtoNamesIt) {
  constexpr FieldPath kRequest;
  EXPECT_EQ(kRequest.Text(), "");
  const FieldPath incident = kRequest.Field("incident");
  EXPECT_EQ(incident.Text(), "incident");
  const FieldPath attributes = incident.Field("attributes");
  EXPECT_EQ(attributes.Key("promised_at").Text(), R"(incident.attributes["promised_at"])");
  const FieldPath tags = kRequest.Field("tags");
  EXPECT_EQ(tags.Index(3).Text(), "tags[3]");
}

TEST(FieldPathTest, KeysAreEscapedAndBounded) {
  constexpr FieldPath kRequest;
  const FieldPath map = kRequest.Field("m");
  EXPECT_EQ(map.Key("a\"b\\c").Text(), R"(m["a\"b\\c"])");
  EXPECT_EQ(map.Key("a\nb").Text(), R"(m["a\?b"])");
  EXPECT_EQ(map.Key("a\xFF"s).Text(), R"(m["a\?"])");
  EXPECT_EQ(map.Key(std::string(1000, 'k')).Text(), "m[\"" + std::string(64, 'k') + "...\"]");
}

}  // namespace
}  // namespace kulanz::rpc
