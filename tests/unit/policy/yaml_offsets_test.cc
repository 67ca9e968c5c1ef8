#include "service/policy/yaml_offsets.h"

#include <gtest/gtest.h>

#include <string>

#include "service/policy/yaml_reader.h"

namespace kulanz::policy {
namespace {

// Each text is a document `e: <scalar>`; every word w1, w2, ... of the scalar must be found at its place.
class YamlOffsetsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(YamlOffsetsTest, EveryWordIsFoundWhereItStands) {
  const SourceFile file("a.yaml", GetParam());
  DiagnosticSink sink;
  const std::optional<Node> root = ReadYaml(file, sink);
  ASSERT_TRUE(root) << Render(sink.Take());
  const Node& scalar = root->entries.at(0).value;
  int words = 0;
  for (std::size_t at = scalar.text.find('w'); at != std::string::npos;
       at = scalar.text.find('w', at + 1)) {
    const std::string word = scalar.text.substr(at, 2);
    const auto begin = static_cast<std::uint32_t>(at);
    const TextSpan span = LocateInScalar(file, scalar, {.begin = begin, .end = begin + 2});
    EXPECT_EQ(file.text().substr(span.begin, span.end - span.begin), word) << scalar.text;
    ++words;
  }
  EXPECT_GE(words, 3);
  // The end of the text is somewhere at or behind the last word.
  const auto size = static_cast<std::uint32_t>(scalar.text.size());
  const TextSpan end = LocateInScalar(file, scalar, {.begin = size, .end = size});
  EXPECT_GE(end.begin, file.text().rfind('w'));
}

INSTANTIATE_TEST_SUITE_P(
    Styles, YamlOffsetsTest,
    ::testing::Values("e: w1 + w2 + w3\n",                         // plain
                      "e: w1 +\n   w2\n   + w3\n",                 // plain, folded
                      "e: w1\n\n  w2\n   w3 # a comment\n",        // plain, a blank line
                      "e: 'w1 == ''x'' + w2 == w3'\n",             // single-quoted
                      "e: 'w1 +\n   w2 == ''''\n   + w3'\n",       // single-quoted, folded
                      "e: \"w1 == \\\"x\\\" + w2 \\n w3\"\n",      // double-quoted, escapes
                      "e: \"w1 \\u00e9\\x41 w2 \\\n     w3\"\n",   // continued line
                      "e: \"\\u20ac\\U0001F600w1\\tw2\\\\w3\"\n",  // long escapes
                      "e: |\n  w1 +\n    w2\n\n  w3\n",            // literal block
                      "e: >-\n  w1 +\n  w2\n\n  w3\n",             // folded block
                      "e: |2-\n    w1\n  w2\n  w3\n",              // indentation indicator
                      "e: w1\r\n  w2\r\n  w3\r\n",                 // CRLF
                      "e: \"w1 'a\\\\' w2\n\n  w3\"\n"));          // an escaped backslash

TEST(YamlOffsetsTest, OffsetsOutsideTheTextStayInTheFile) {
  const SourceFile file("a.yaml", "e: w1\n");
  DiagnosticSink sink;
  const std::optional<Node> root = ReadYaml(file, sink);
  const TextSpan span =
      LocateInScalar(file, root->entries.at(0).value, {.begin = 1000, .end = 2000});
  EXPECT_LE(span.end, file.text().size());
}

}  // namespace
}  // namespace kulanz::policy
