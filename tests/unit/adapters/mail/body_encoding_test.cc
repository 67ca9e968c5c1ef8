#include "service/adapters/mail/body_encoding.h"

#include <gtest/gtest.h>

namespace kulanz::adapters {
namespace {

TEST(QuotedPrintableTest, EncodesWhatIsNotPlain) {
  EXPECT_EQ(QuotedPrintable(""), "");
  EXPECT_EQ(QuotedPrintable("a\nb\n"), "a\r\nb\r\n");
  EXPECT_EQ(QuotedPrintable("no line end"), "no line end\r\n");
  EXPECT_EQ(QuotedPrintable("ü=1\n"), "=C3=BC=3D1\r\n");
  EXPECT_EQ(QuotedPrintable("end \n\tx\t\n"), "end=20\r\n\tx=09\r\n");
  EXPECT_EQ(QuotedPrintable("From here\n.\nx.\n"), "=46rom here\r\n=2E\r\nx.\r\n");
  EXPECT_EQ(QuotedPrintable(std::string_view("\0\r\x7F\n", 4)), "=00=0D=7F\r\n");
}

TEST(QuotedPrintableTest, NoLineIsLongerThan76) {
  for (std::size_t length = 70; length < 240; ++length) {
    for (const std::string unit : {"x", "=", "ü", " x"}) {
      std::string text;
      while (text.size() < length) text += unit;
      const std::string out = QuotedPrintable(text);
      for (std::size_t at = 0; at < out.size();) {
        const std::size_t end = out.find("\r\n", at);
        EXPECT_LE(end - at, 76U);
        at = end + 2;
      }
    }
  }
}

TEST(FlowedTest, ParagraphsAreBrokenAtBlanksThatStay) {
  const std::string word = "12345678 ";
  std::string paragraph;
  for (int i = 0; i < 10; ++i) paragraph += word;
  EXPECT_EQ(Flowed(paragraph + "end"),
            word + word + word + word + word + word + word + word + "\n" + word + word + "end\n");
}

TEST(FlowedTest, WhatABlankMayMeanIsStuffed) {
  EXPECT_EQ(Flowed("> no quote\n  indented\nFrom me\n"), " > no quote\n   indented\n From me\n");
}

TEST(FlowedTest, TrailingBlanksAndRunsOfEmptyLinesGo) {
  EXPECT_EQ(Flowed("\n\na  \n\n\n\nb\n\n\n"), "a\n\nb\n");
  EXPECT_EQ(Flowed("-- \nAnna\n"), "-- \nAnna\n");
  EXPECT_EQ(Flowed(""), "");
}

TEST(FlowedTest, AWordThatIsTooLongStaysWhole) {
  const std::string url = "https://example.com/" + std::string(100, 'x');
  EXPECT_EQ(Flowed(url + " and " + url), url + " \nand \n" + url + "\n");
}

}  // namespace
}  // namespace kulanz::adapters
