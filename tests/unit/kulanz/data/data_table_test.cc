#include "service/kulanz/data/data_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "service/kulanz/data/input_file.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

DataTable Table(const std::string& text, char separator = ',') {
  Result<DataTable> table = DataTable::Parse("x.csv", text, separator);
  EXPECT_TRUE(table.ok()) << table.status().ToString();
  return *std::move(table);
}

std::string ProblemOf(const std::string& text) {
  const Result<DataTable> table = DataTable::Parse("x.csv", text);
  return table.ok() ? "" : table.status().message();
}

std::vector<std::string> Rejections(const DataTable& table) {
  std::vector<std::string> rejections;
  for (const DataTable::Rejection& rejection : table.rejections()) {
    rejections.push_back(std::to_string(rejection.line) + ": " + rejection.reason);
  }
  return rejections;
}

TEST(DataTableTest, QuotesLineEndsAndEmptyLinesAreThoseOfRfc4180) {
  const DataTable table = Table("a,b\r\n1,\"x, \"\"y\"\"\"\r\n\r\n\"two\nlines\",\n\"\",last");
  ASSERT_EQ(table.row_count(), 3U);
  EXPECT_THAT(table.Fields(0), ElementsAre("1", "x, \"y\""));
  EXPECT_THAT(table.Fields(1), ElementsAre("two\nlines", ""));
  EXPECT_THAT(table.Fields(2), ElementsAre("", "last"));
  EXPECT_EQ(table.LineOf(0), 2U);
  EXPECT_EQ(table.LineOf(1), 4U);
  EXPECT_EQ(table.LineOf(2), 6U) << "a line break within quotes counts";
  EXPECT_TRUE(table.rejections().empty());
}

TEST(DataTableTest, OtherSeparatorsLeaveCommasAlone) {
  EXPECT_THAT(Table("a;b\n1,5;2", ';').Fields(0), ElementsAre("1,5", "2"));
  EXPECT_THAT(Table("a\tb\n1\t2", '\t').Fields(0), ElementsAre("1", "2"));
}

TEST(DataTableTest, ARowThatCannotBeReadIsToldAndTheOthersCount) {
  const DataTable table = Table("a,b\n1\n1,2,3\n\"x\"y,2\n" + std::string("1,\0z\n", 5) +
                                "1,\xFF\n" + std::string(kTableRowBytesMax, 'x') + ",2\n8,9\n");
  ASSERT_EQ(table.row_count(), 1U);
  EXPECT_THAT(table.Fields(0), ElementsAre("8", "9"));
  EXPECT_EQ(table.LineOf(0), 8U);
  EXPECT_THAT(
      Rejections(table),
      ElementsAre("2: the row has 1 fields, the header 2", "3: the row has 3 fields, the header 2",
                  HasSubstr("4: text follows a closing quote"), "5: the row has a zero byte",
                  "6: the row is not valid UTF-8", "7: the row is longer than 1 MiB"));
}

TEST(DataTableTest, WhatLeavesNoRowsToTrustFailsTheFile) {
  EXPECT_THAT(ProblemOf(""), HasSubstr("no line with the names"));
  EXPECT_THAT(ProblemOf("a,a\n"), HasSubstr("two have the same: 'a'"));
  EXPECT_THAT(ProblemOf("a,\n"), HasSubstr("has no name"));
  EXPECT_THAT(ProblemOf("a\n1\n\"2\n3\n4"), HasSubstr("x.csv:3: a quote is opened"));
  std::string wide = "c0";
  for (std::size_t i = 1; i <= kTableColumnsMax; ++i) {
    wide += ",c" + std::to_string(i);
  }
  EXPECT_THAT(ProblemOf(wide + "\n"), HasSubstr("more than 1000 columns"));
  EXPECT_EQ(ProblemOf(wide.substr(0, wide.rfind(',')) + "\n"), "");
}

TEST(DataTableTest, JsonLinesAreRowsAndNestedValuesHavePaths) {
  const DataTable table = Table(
      "{\"id\": \"a\", \"order\": {\"id\": 7, \"paid\": true}, \"tags\": [\"x\", 1]}\n"
      "\n"
      "{\"id\": \"b\\u00e9\\ud83d\\ude00\", \"more\": null, \"amount\": 12.50}\r\n");
  EXPECT_THAT(table.columns(),
              ElementsAre("id", "order.id", "order.paid", "tags", "more", "amount"));
  EXPECT_THAT(table.Fields(0), ElementsAre("a", "7", "true", "[\"x\", 1]", "", ""));
  EXPECT_THAT(table.Fields(1), ElementsAre("b\xC3\xA9\xF0\x9F\x98\x80", "", "", "", "", "12.50"));
  EXPECT_EQ(table.LineOf(1), 3U);
}

TEST(DataTableTest, BadJsonLinesAreToldOneByOne) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 20; ++i) {
    deep += "[";
  }
  const DataTable table =
      Table("{\"a\": 1}\n{\"a\": 01}\n{\"a\": 1, \"a\": 2}\n[1]\n{\"a\": \"\\ud800\"}\n{\"a\"\n" +
            deep + "\n{\"a\": 1} x\n{\"a\": tru}\n{\"a\": 2}\n");
  EXPECT_EQ(table.row_count(), 2U);
  EXPECT_EQ(table.rejections().size(), 8U);
  EXPECT_EQ(table.rejections()[2].reason, "the line is no JSON object");
  EXPECT_THAT(table.rejections()[1].reason, HasSubstr("has a key twice"));
  EXPECT_THAT(table.rejections()[5].reason, HasSubstr("nested too deeply"));
}

// Whatever stands in a file: an answer, never a crash, and each line is accounted for once.
TEST(DataTableTest, NoMutationOfAFileIsTakenForSomethingElse) {
  const std::string good = "a,b\n1,\"x\"\"y\"\n\"p\nq\",2\n3,4\n";
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char c : {'"', ',', '\n', '\r', '\0', '\xC3', '{'}) {
      std::string text = good;
      text[at] = c;
      const Result<DataTable> table = DataTable::Parse("x", text);
      for (std::size_t i = 0; table.ok() && i < table->row_count(); ++i) {
        EXPECT_EQ(table->Fields(i).size(), table->columns().size());
      }
    }
  }
}

class InputFileTest : public ::testing::Test {
 protected:
  InputFileTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-data-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~InputFileTest() override { fs::remove_all(folder_); }
  std::string Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  std::string Packed(const std::string& text) const {
    const std::string path = folder_ / "packed.gz";
    const gzFile file = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
              static_cast<int>(text.size()));
    gzclose(file);
    std::ifstream read(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(read), {}};
  }
  fs::path folder_;
};

TEST_F(InputFileTest, PlainAndGzipAreReadAlikeAndAByteOrderMarkIsDropped) {
  EXPECT_EQ(*ReadInputFile(Write("a", "\xEF\xBB\xBFx,y\n")), "x,y\n");
  EXPECT_EQ(*ReadInputFile(Write("b", Packed("\xEF\xBB\xBFx,y\n"))), "x,y\n");
}

TEST_F(InputFileTest, AGzipFileThatWasCutOffIsRefusedAtEveryLength) {
  std::string text = "a,b\n";
  for (int i = 0; i < 2000; ++i) {
    text += std::to_string(i * 7919) + ",x\n";
  }
  const std::string packed = Packed(text);
  for (const std::size_t length :
       {packed.size() - 1, packed.size() - 8, packed.size() / 2, std::size_t{20}}) {
    EXPECT_THAT(ReadInputFile(Write("cut", packed.substr(0, length))).status().message(),
                HasSubstr("damaged or cut off"))
        << length;
  }
  std::string flipped = packed;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);
  EXPECT_THAT(ReadInputFile(Write("flipped", flipped)).status().message(), HasSubstr("damaged"));
}

TEST_F(InputFileTest, WhatIsNoTextFileSaysSo) {
  EXPECT_EQ(ReadInputFile(folder_ / "none").status().reason(), "FILE");
  EXPECT_THAT(ReadInputFile(folder_).status().message(), HasSubstr("is a folder"));
  EXPECT_THAT(ReadInputFile(Write("utf16",
                                  "\xFF\xFE"
                                  "a"))
                  .status()
                  .message(),
              HasSubstr("UTF-16"));
}

}  // namespace
}  // namespace kulanz::command
