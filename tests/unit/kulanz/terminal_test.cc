// How text is laid out for people, and written for programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/kulanz/terminal/json_writer.h"
#include "service/kulanz/terminal/junit.h"
#include "service/kulanz/terminal/style.h"
#include "service/kulanz/terminal/table.h"

namespace kulanz::command {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StyleTest, ColumnsAreLettersNotBytes) {
  EXPECT_EQ(ColumnsOf("Päckchen"), 8U);
  EXPECT_EQ(CutTo("Päckchen", 8), "Päckchen");
  EXPECT_EQ(CutTo("Päckchen", 4), "Päc…");
  EXPECT_EQ(PadTo("äö", 4), "äö  ");
  EXPECT_EQ(PadTo("äö", 4, true), "  äö");
}

TEST(StyleTest, WhatATerminalCouldObeyIsNotPrinted) {
  EXPECT_EQ(Printable("a\x1b[31mb\nc\x7F"), "a?[31mb c?");
}

TEST(StyleTest, PlainStylesPaintNothing) {
  EXPECT_EQ(Style().In(Paint::kRed, "x"), "x");
  EXPECT_EQ(Style(true, 80).In(Paint::kRed, "x"), "\x1b[1;31mx\x1b[0m");
  EXPECT_EQ(Style(true, 80).In(Paint::kRed, ""), "");
}

TEST(StyleTest, NounsHaveTheirPlural) {
  EXPECT_EQ(Count(1, "policy"), "1 policy");
  EXPECT_EQ(Count(2, "policy"), "2 policies");
  EXPECT_EQ(Count(0, "case"), "0 cases");
}

TEST(TableTest, ColumnsAreAsWideAsTheirCells) {
  Table table({{.title = "policy"}, {.title = "cost", .numeric = true}});
  table.Add({"late", "5"});
  table.Add({"delayed-activation", "1,200"});
  EXPECT_EQ(table.Render(Style()),
            "policy               cost\n"
            "late                    5\n"
            "delayed-activation  1,200\n");
}

TEST(TableTest, ElasticColumnsGiveWayToTheTerminal) {
  Table table({{.title = "a"}, {.title = "b", .elastic = true}, {.title = "c"}});
  table.Add({"one", std::string(100, 'x'), "three"});
  const std::string text = table.Render(Style(false, 40));
  EXPECT_THAT(text, HasSubstr("…  three\n"));
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
       at = end + 1) {
    EXPECT_LE(ColumnsOf(text.substr(at, end - at)), 40U);
  }
}

TEST(TableTest, WithoutRowsThereIsNothing) {
  EXPECT_EQ(Table({{.title = "a"}}).Render(Style()), "");
}

TEST(JsonWriterTest, CommasStandBetweenAndNowhereElse) {
  JsonWriter json;
  json.BeginObject().Field("a", 1).Key("b").BeginArray().Value("x").Value(true).Null().EndArray();
  json.Key("c").BeginObject().EndObject().Key("d").BeginArray().EndArray().EndObject();
  EXPECT_EQ(json.Line(), "{\"a\": 1, \"b\": [\"x\", true, null], \"c\": {}, \"d\": []}\n");
}

TEST(JsonWriterTest, TextIsEscapedAndBrokenBytesAreReplaced) {
  JsonWriter json;
  json.Value("\"\\\n\x01ü\xff");
  EXPECT_EQ(json.Line(), "\"\\\"\\\\\\n\\u0001ü?\"\n");
}

TEST(JunitTest, FailuresAreCountedAndEscaped) {
  JunitSuite suite{.name = "a & b", .cases = {}};
  suite.cases.push_back({.name = "good", .file = "f", .failures = {}});
  suite.cases.push_back({.name = "<bad>",
                         .file = "f",
                         .failures = {{.type = "t", .message = "\"m\"\n", .text = "\x1b"}}});
  const std::string xml = ReportJunit(std::vector<JunitSuite>{suite});
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"a &amp; b\" tests=\"2\" failures=\"1\""));
  EXPECT_THAT(xml, HasSubstr("name=\"&lt;bad&gt;\""));
  EXPECT_THAT(xml, HasSubstr("message=\"&quot;m&quot;&#10;\">?</failure>"));
  EXPECT_THAT(xml, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace kulanz::command
