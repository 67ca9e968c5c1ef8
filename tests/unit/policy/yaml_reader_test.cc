#include "service/policy/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "service/policy/diagnostic.h"

namespace kulanz::policy {
namespace {

using ::testing::HasSubstr;

struct Read {
  std::optional<Node> root;
  std::string problems;  // "3:1 duplicate-key", one per line
};

Read ReadText(const std::string& text) {
  const SourceFile file("a.yaml", text);
  DiagnosticSink sink;
  Read read;
  read.root = ReadYaml(file, sink);
  for (const Diagnostic& d : sink.Take()) {
    read.problems +=
        std::to_string(d.line) + ":" + std::to_string(d.column) + " " + std::string(d.id) + "\n";
  }
  return read;
}

TEST(YamlReaderTest, KeysAndValuesKnowTheirPlaces) {
  const std::string text = "a: 1\nb:\n  - x\n  - 'it''s'\n";
  const Read read = ReadText(text);
  ASSERT_TRUE(read.root);
  EXPECT_EQ(read.problems, "");
  ASSERT_EQ(read.root->entries.size(), 2U);
  const SourceFile file("a.yaml", text);
  const Node& list = read.root->entries[1].value;
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[1].text, "it's");
  EXPECT_FALSE(list.items[1].plain);
  EXPECT_TRUE(list.items[0].plain);
  EXPECT_EQ(file.Locate(list.items[1].span.begin).line, 4);
  EXPECT_EQ(file.Locate(list.items[1].span.begin).column, 5);
  EXPECT_EQ(list.items[1].span.end - list.items[1].span.begin, 7U);
  EXPECT_EQ(file.Locate(read.root->entries[1].key.span.begin).line, 2);
}

TEST(YamlReaderTest, RefusesWhatYamlReadersGuess) {
  EXPECT_EQ(ReadText("a: 1\nb: 2\na: 3\n").problems, "3:1 duplicate-key\n");
  EXPECT_EQ(ReadText("a: &x 1\n").problems, "1:4 yaml-anchor\n");
  EXPECT_EQ(ReadText("a: &x 1\nb: *x\n").problems, "1:4 yaml-anchor\n2:4 yaml-alias\n");
  EXPECT_EQ(ReadText("a: !!str 1\n").problems, "1:4 yaml-tag\n");
  EXPECT_EQ(ReadText("a: ! x\n").problems, "1:4 yaml-tag\n");
  EXPECT_EQ(ReadText("a: !foo [1]\n").problems, "1:4 yaml-tag\n");
  EXPECT_EQ(ReadText("a: 1\n---\nb: 2\n").problems, "2:1 yaml-documents\n");
  EXPECT_EQ(ReadText("? [a, b]\n: c\n").problems, "1:3 yaml-key\n");
  EXPECT_EQ(ReadText("a: [1\n").problems, "2:1 yaml-syntax\n");
  EXPECT_EQ(ReadText("").problems, "0:0 empty-file\n");
  EXPECT_EQ(ReadText("# only a comment\n").problems, "0:0 empty-file\n");
}

TEST(YamlReaderTest, RefusesBrokenBytes) {
  EXPECT_EQ(ReadText("a: x\nb: \xC3(\n").problems, "2:4 not-utf8\n");
  EXPECT_EQ(ReadText("a: \xED\xA0\x80\n").problems, "1:4 not-utf8\n");  // a surrogate
  EXPECT_EQ(ReadText(std::string("a: x\0y", 6)).problems, "1:5 control-character\n");
  EXPECT_EQ(ReadText("\xEF\xBB\xBF"
                     "a: x\n")
                .problems,
            "");  // a byte order mark is harmless
  EXPECT_EQ(ReadText("a: \"\\uD800\"\n").problems, "1:11 yaml-syntax\n");
}

TEST(YamlReaderTest, DepthIsLimited) {
  const auto nested = [](int levels) {
    return std::string(static_cast<std::size_t>(levels), '[') + "1" +
           std::string(static_cast<std::size_t>(levels), ']');
  };
  EXPECT_EQ(ReadText(nested(kYamlDepthMax)).problems, "");
  EXPECT_EQ(ReadText(nested(kYamlDepthMax + 1)).problems, "1:33 yaml-depth\n");
  EXPECT_EQ(ReadText(nested(50'000)).problems, "1:33 yaml-depth\n");
}

TEST(YamlReaderTest, SizeIsLimited) {
  std::string text = "a: ";
  text.append(kYamlBytesMax - text.size(), 'x');
  EXPECT_EQ(ReadText(text).problems, "");
  EXPECT_EQ(ReadText(text + "x").problems, "0:0 file-too-large\n");
}

TEST(YamlReaderTest, NodeCountIsLimited) {
  const auto list = [](std::size_t items) {
    std::string text;
    for (std::size_t i = 0; i < items; ++i) {
      text += "- 1\n";
    }
    return text;
  };
  EXPECT_EQ(ReadText(list(kYamlNodesMax - 1)).problems, "");  // the list itself counts
  EXPECT_THAT(ReadText(list(kYamlNodesMax)).problems, HasSubstr("yaml-size"));
}

TEST(YamlReaderTest, AnEmptyValueIsMarkedAtItsKey) {
  const Read read = ReadText("a:\nb: 1\n");
  ASSERT_TRUE(read.root);
  EXPECT_TRUE(read.root->entries[0].value.is_null());
  EXPECT_EQ(read.root->entries[0].value.span.begin, 0U);
}

TEST(YamlReaderTest, AllProblemsAreReported) {
  EXPECT_EQ(ReadText("a: &x 1\na: !!str 2\nb: 1\nb: 2\n").problems,
            "1:4 yaml-anchor\n2:1 duplicate-key\n2:4 yaml-tag\n4:1 duplicate-key\n");
}

}  // namespace
}  // namespace kulanz::policy
