#include "service/adapters/mail/header_field.h"

#include <gtest/gtest.h>

#include "service/adapters/mail/text_safety.h"

namespace kulanz::adapters {
namespace {

TEST(HeaderFieldTest, PlainTextStaysPlain) {
  EXPECT_EQ(UnstructuredField("Subject", "We are sorry"), "Subject: We are sorry\r\n");
  EXPECT_EQ(MailboxField("To", {"", "a@b.example"}), "To: a@b.example\r\n");
  EXPECT_EQ(MailboxField("To", {"Anna Berger", "a@b.example"}),
            "To: Anna Berger <a@b.example>\r\n");
  EXPECT_EQ(MailboxField("To", {"Berger, Anna \"A\"", "a@b.example"}),
            "To: \"Berger, Anna \\\"A\\\"\" <a@b.example>\r\n");
}

TEST(HeaderFieldTest, WhatIsNotAsciiIsEncoded) {
  EXPECT_EQ(UnstructuredField("Subject", "Für Sie"), "Subject: =?utf-8?q?F=C3=BCr_Sie?=\r\n");
  EXPECT_EQ(UnstructuredField("Subject", "語語語"), "Subject: =?utf-8?b?6Kqe6Kqe6Kqe?=\r\n");
  EXPECT_EQ(UnstructuredField("Subject", "=?utf-8?q?x?="),
            "Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n")
      << "text that looks encoded must not be decoded";
  EXPECT_EQ(UnstructuredField("Subject", "a  b"), "Subject: =?utf-8?q?a__b?=\r\n");
}

TEST(HeaderFieldTest, LinesAreFoldedAndNoCharacterIsCut) {
  for (const std::string word : {"ü", "語", "🎁", "x", "word "}) {
    for (int count = 1; count < 80; ++count) {
      std::string text = "A";
      for (int i = 0; i < count; ++i) text += word;
      text += ".";
      for (const std::string& field :
           {UnstructuredField("Subject", text), MailboxField("From", {text, "a@b.example"})}) {
        for (std::size_t at = 0; at < field.size();) {
          const std::size_t end = field.find("\r\n", at);
          EXPECT_LE(end - at, 76U) << field;
          EXPECT_TRUE(at == 0 || field[at] == ' ') << field;
          at = end + 2;
        }
        // Each encoded word must be whole characters on its own: 語 is three bytes, =E8=AA=9E.
        EXPECT_EQ(field.find("=AA?="), std::string::npos) << field;
        EXPECT_EQ(field.find("=C3?="), std::string::npos) << field;
      }
    }
  }
}

TEST(HeaderFieldTest, ControlCharactersAndOverridesAreNoHeaderText) {
  for (const std::string bad :
       {"a\rb", "a\nb", "a\tb", "\x7F", "\u0085", "\u009F", "\u2028", "\u2029", "\u202E", "\u2066",
        "\xFF", "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
    EXPECT_FALSE(IsSafeHeaderText(bad));
    EXPECT_FALSE(IsSafeHeaderText("x" + bad + "y"));
  }
  EXPECT_FALSE(IsSafeHeaderText(std::string_view("a\0b", 3)));
  for (const std::string good : {"", "Jördis", "محمد", "\u200Fיעל", "👩‍👧", "a b", "~"}) {
    EXPECT_TRUE(IsSafeHeaderText(good)) << good;
  }
}

TEST(HeaderFieldDeathTest, ForgingAHeaderAborts) {
  EXPECT_DEATH(UnstructuredField("Subject", "x\r\nBcc: y"), "control characters");
  EXPECT_DEATH(MailboxField("To", {"x\ny", "a@b.example"}), "control characters");
}

}  // namespace
}  // namespace kulanz::adapters
