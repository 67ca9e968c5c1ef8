// The quick reader against yaml-cpp: where it reads a file at all, it reads the same tree.
#include "service/policy/simple_yaml.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "service/policy/yaml_reader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::policy {
namespace {

constexpr SimpleYamlLimits kLimits{.depth = kYamlDepthMax, .nodes = kYamlNodesMax};

// The whole tree as text, with every place.
void Say(const Node& node, std::string& out) {
  constexpr std::array<const char*, 4> kKinds = {"null", "scalar", "list", "map"};
  out.append(kKinds.at(static_cast<std::size_t>(node.kind))).append(node.plain ? " plain" : "");
  out.append(" ").append(std::to_string(node.span.begin)).append("-");
  out.append(std::to_string(node.span.end)).append(" <").append(node.text).append(">");
  out.append(node.is_alias ? " alias" : "").append("(");
  for (const Node& item : node.items) {
    Say(item, out);
  }
  for (const Node::Entry& entry : node.entries) {
    Say(entry.key, out);
    Say(entry.value, out);
  }
  out.append(")\n");
}
std::string Say(const std::optional<Node>& node) {
  std::string out;
  if (node) {
    Say(*node, out);
  }
  return node ? out : "nothing";
}

std::string ByYamlCpp(const SourceFile& file) {
  DiagnosticSink sink;
  const std::optional<Node> root = ReadAnyYaml(file, sink);
  const std::string problems = Render(sink.Take());
  return problems.empty() ? Say(root) : problems;
}

// True when the quick reader took the file.
bool Agrees(const std::string& text) {
  const SourceFile file("f.yaml", text);
  const std::optional<Node> root = ReadSimpleYaml(file, kLimits);
  if (root) {
    EXPECT_EQ(Say(root), ByYamlCpp(file)) << text;
  }
  return root.has_value();
}

std::vector<std::string> Corpus() {
  std::vector<std::string> texts;
  for (const char* folder : {"rules", "tests"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(test::SourcePath(folder))) {
      if (entry.path().extension() == ".yaml" && entry.file_size() < 20'000) {
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        texts.push_back(text.str());
      }
    }
  }
  return texts;
}

TEST(SimpleYamlTest, ReadsWhatPeopleWrite) {
  for (const char* text : {
           "a: b\n",
           "a: b",
           "# comment\n\na: b c d  # more\n\n# end\n",
           "a:\n  b: 1\n  c:\n    - x\n    - y z\nd: e\n",
           "a:\n- b: 1\n  c: 2\n- {d: e, f: [g, h]}\n- i\n",
           "a:\nb:  # nothing\nc: d\n",
           "a: {b: 'it''s', c: \"say \\\"x\\\\y\\\"\", d: eur(1.00)}\n",
           "a: [1, -2,\n    3]\nb: {}\nc: []\n",
           "a: x &&\n   y ||\n   !z\nb: c\n",
           "a: |\n  x\n   y\n\n  z\nb: >-\n  one\n  two\nc: |-\n  d\n\n# end\n",
           "a: 08:00-18:00\nb: [08:00-18:00]\n",
           "a: \xC3\xA4rger \xE2\x82\xAC\nb: \xC3\xA4\n",
           "a-b/c.d_e: f\n2026-01-01: {x: y}\n",
       }) {
    EXPECT_TRUE(Agrees(text)) << text;
  }
}

TEST(SimpleYamlTest, LeavesTheRestToYamlCpp) {
  for (const char* text : {
           "",
           "\n",
           "# only a comment\n",
           "a",
           "- a\n",
           "[a]\n",
           "a: b: c\n",
           "a: &x b\n",
           "a: *x\n",
           "a: !t b\n",
           "a: null\n",
           "a: ~\n",
           "null: a\n",
           "a: \"b\\nc\"\n",
           "a: 'b\n  c'\n",
           "a: b\na: c\n",
           "a: {b: c, b: d}\n",
           "---\na: b\n",
           "a: b\n...\n",
           "%YAML 1.2\n",
           "a:\tb\n",
           "a: b\r\n",
           "a: [b\n",
           "a: {b c}\n",
           "a: 'b\n",
           "a: b\n c: d\n",
           "a:\n  b: c\n d: e\n",
           "a: @b\n",
           "a: `b\n",
           "a: %b\n",
           "? a\n",
           "a: [b, ]\n",
           "a: {b}\n",
           "a: [b: c]\n",
           "a: >\n  b\n\n  c\n",
           "a: |+\n  b\n",
           "a: |2\n  b\n",
           "a: x\n\n  y\n",
           "a: x # c\n  y\n",
           "a:b\n",
           "a : b\n",
           "a: \xC2\xA0 b\n",
           "a: [b\n]\n",
           "a: {b: c} d\n",
           "a: 'b' c\n",
           "a: - b\n",
           "a: b?\nb: {c: d?}\n",
       }) {
    EXPECT_FALSE(Agrees(text)) << text;
  }
}

TEST(SimpleYamlTest, KeepsItsLimits) {
  const SourceFile deep("f.yaml", "a: [[[b]]]\n");
  EXPECT_TRUE(ReadSimpleYaml(deep, {.depth = 4, .nodes = 100}));
  EXPECT_FALSE(ReadSimpleYaml(deep, {.depth = 3, .nodes = 100}));
  const SourceFile wide("f.yaml", "a: [b, c]\n");
  EXPECT_TRUE(ReadSimpleYaml(wide, {.depth = 4, .nodes = 5}));
  EXPECT_FALSE(ReadSimpleYaml(wide, {.depth = 4, .nodes = 4}));
}

TEST(SimpleYamlTest, AgreesOnEveryFileOfTheProject) {
  int simple = 0;
  int all = 0;
  for (const std::string& text : Corpus()) {
    simple += Agrees(text) ? 1 : 0;
    ++all;
  }
  EXPECT_GT(all, 100);
  EXPECT_GT(simple * 10, all * 7) << simple << " of " << all << ": too few to be of use";
}

TEST(SimpleYamlTest, AgreesOnMutants) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_FALSE(corpus.empty());
  // Pieces of which YAML is made, more often than any other character.
  const std::vector<std::string> pieces = {
      " ", "  ", "\n", "\n  ", ":",  ": ", "- ", "-", "#",  " #", "'", "\"", "{",   "}", "[",
      "]", ",",  "|",  "\n>",  "&a", "*a", "!",  "?", "\\", "\t", "~", "%",  "---", "a", "a: b\n"};
  std::mt19937_64 random(20261121);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const char* const more = std::getenv("KULANZ_YAML_MUTANTS");
  const int count = more == nullptr ? 3000 : std::atoi(more);
  int simple = 0;
  for (int i = 0; i < count && !HasFailure(); ++i) {
    std::string text = corpus[below(corpus.size())];
    if (text.size() > 600) {  // a part of it, from the beginning of a line
      const std::size_t line = text.find('\n', below(text.size() - 500));
      text = text.substr(line == std::string::npos ? 0 : line + 1, 500);
    }
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(text.size() + 1);
      switch (below(3)) {
        case 0:
          text.insert(at, pieces[below(pieces.size())]);
          break;
        case 1:
          text.erase(at, 1 + below(3));
          break;
        default:
          text.replace(at, std::min<std::size_t>(1, text.size() - at),
                       pieces[below(pieces.size())]);
      }
    }
    const SourceFile file("f.yaml", text);
    DiagnosticSink sink;
    simple += Agrees(text) ? 1 : 0;
  }
  EXPECT_GT(simple, count / 20);
}

}  // namespace
}  // namespace kulanz::policy
