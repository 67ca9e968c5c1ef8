#include "service/policy/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/cel/utf8.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/simple_yaml.h"
#include "service/policy/yaml_offsets.h"
#include "service/policy/yaml_problem.h"

namespace kulanz::policy {
namespace {

// Thrown by the handler when reading on would be useless; the reason is in the sink already.
struct StopReading {};

TextSpan SpanAt(const SourceFile& file, int position) {
  const auto size = static_cast<std::uint32_t>(file.text().size());
  const std::uint32_t at = position < 0 ? 0 : std::min(static_cast<std::uint32_t>(position), size);
  return {.begin = at, .end = at};
}

// Builds the tree from yaml-cpp's events and reports what strict YAML does not have.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceFile& file, DiagnosticSink& sink) : file_(file), sink_(sink) {}

  std::optional<Node> TakeRoot() { return std::exchange(root_, std::nullopt); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      Error(mark, diagnostic_id::kYamlDocuments, "a second document begins here",
            "one file holds one document; remove the '---' or move this part to its own file");
      throw StopReading{};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckProperties(mark, "", anchor);
    Node node;
    // The mark is that of whatever comes next: the key is where the value is missing.
    node.span = !open_.empty() && open_.back().key ? open_.back().key->span : Span(mark);
    Attach(std::move(node), mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    // The mark of an alias is its own, but yaml-cpp may have moved it to the anchor's node.
    Error(mark, diagnostic_id::kYamlAlias, "aliases (*name) are not allowed",
          "write the value again, or use a variable");
    Node node;
    node.is_alias = true;
    node.span = Span(mark);
    Attach(std::move(node), mark);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckProperties(mark, tag, anchor);
    Node node;
    node.kind = Node::Kind::kScalar;
    node.plain = tag == "?";
    node.span = ScalarSpan(file_, Span(mark).begin, value);
    node.text = value;
    Attach(std::move(node), mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    CheckProperties(mark, tag, anchor);
    Open(Node::Kind::kList, mark);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    CheckProperties(mark, tag, anchor);
    Open(Node::Kind::kMap, mark);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A list or map whose end has not come yet.
  struct OpenNode {
    Node node;
    YAML::Mark mark;
    std::optional<Node> key;                            // of a map: read, its value not yet
    std::map<std::string, TextSpan, std::less<>> keys;  // of a map
  };

  TextSpan Span(const YAML::Mark& mark) const { return SpanAt(file_, mark.pos); }

  void Error(const YAML::Mark& mark, std::string_view id, std::string message, std::string hint) {
    sink_.Add(file_, Span(mark), id, std::move(message), std::move(hint));
  }

  void CheckProperties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      Error(mark, diagnostic_id::kYamlAnchor, "anchors (&name) are not allowed",
            "write the value where it is needed, or use a variable");
    }
    const std::string_view text = file_.text();
    const std::size_t at = Span(mark).begin;
    const bool written = at < text.size() && text[at] == '!';
    if (written || !(tag.empty() || tag == "?" || tag == "!")) {
      Error(mark, diagnostic_id::kYamlTag, "tags (!name) are not allowed",
            "each field knows its own type");
    }
  }

  void CountNode(const YAML::Mark& mark) {
    if (++nodes_ > kYamlNodesMax) {
      Error(mark, diagnostic_id::kYamlSize,
            "more than " + std::to_string(kYamlNodesMax) + " keys and values in one file",
            "split the file");
      throw StopReading{};
    }
  }

  void Open(Node::Kind kind, const YAML::Mark& mark) {
    CountNode(mark);
    if (open_.size() >= static_cast<std::size_t>(kYamlDepthMax)) {
      Error(mark, diagnostic_id::kYamlDepth,
            "nested deeper than " + std::to_string(kYamlDepthMax) + " levels", "flatten it");
      throw StopReading{};
    }
    OpenNode open;
    open.node.kind = kind;
    open.node.span = Span(mark);
    open.mark = mark;
    open_.push_back(std::move(open));
  }

  void Close() {
    Node node = std::move(open_.back().node);
    const YAML::Mark mark = open_.back().mark;
    open_.pop_back();
    Place(std::move(node), mark);
  }

  void Attach(Node node, const YAML::Mark& mark) {
    CountNode(mark);
    Place(std::move(node), mark);
  }

  void Place(Node node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (!node.is_scalar()) {
        Error(mark, diagnostic_id::kYamlKey, "a key must be a single word or text", "");
        node.span = Span(mark);
      }
      parent.key = std::move(node);
    } else {
      AddEntry(parent, std::move(node));
    }
  }

  void AddEntry(OpenNode& parent, Node value) {
    Node key = *std::exchange(parent.key, std::nullopt);
    if (!key.is_scalar()) {
      return;  // reported
    }
    const auto [first, is_new] = parent.keys.emplace(key.text, key.span);
    if (!is_new) {
      const int line = file_.Locate(first->second.begin).line;
      sink_.Add(
          file_, key.span, diagnostic_id::kDuplicateKey,
          "the key '" + key.text + "' is given twice; the first is in line " + std::to_string(line),
          "keep one of them");
      return;
    }
    parent.node.entries.push_back({.key = std::move(key), .value = std::move(value)});
  }

  const SourceFile& file_;
  DiagnosticSink& sink_;
  std::vector<OpenNode> open_;
  std::optional<Node> root_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

// How many bytes at the beginning of `text` are well-formed UTF-8.
std::size_t WellFormedPrefix(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t length = cel::utf8::LengthOf(text[i]);
    if (!cel::utf8::IsValid(text.substr(i, length))) {
      return i;
    }
    i += length;
  }
  return i;
}

bool CheckBytes(const SourceFile& file, DiagnosticSink& sink) {
  const std::string_view text = file.text();
  if (text.size() > kYamlBytesMax) {
    sink.AddForFile(file.name(), diagnostic_id::kFileTooLarge,
                    "the file has " + std::to_string(text.size()) + " bytes; at most " +
                        std::to_string(kYamlBytesMax) + " are read");
    return false;
  }
  if (!cel::utf8::IsValid(text)) {
    const auto at = static_cast<std::uint32_t>(WellFormedPrefix(text));
    sink.Add(file, {.begin = at, .end = at}, diagnostic_id::kNotUtf8,
             "the file is not UTF-8 from here on", "save it as UTF-8");
    return false;
  }
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20U && c != '\t' && c != '\n' && c != '\r') || byte == 0x7FU;
  });
  if (bad != text.end()) {
    const auto at = static_cast<std::uint32_t>(bad - text.begin());
    sink.Add(file, {.begin = at, .end = at}, diagnostic_id::kControlCharacter,
             "there is a control character here", "remove it");
    return false;
  }
  return true;
}

}  // namespace

std::optional<Node> ReadYaml(const SourceFile& file, DiagnosticSink& sink) {
  if (!CheckBytes(file, sink)) {
    return std::nullopt;
  }
  if (std::optional<Node> root =
          ReadSimpleYaml(file, {.depth = kYamlDepthMax, .nodes = kYamlNodesMax})) {
    return root;
  }
  return ReadAnyYaml(file, sink);
}

std::optional<Node> ReadAnyYaml(const SourceFile& file, DiagnosticSink& sink) {
  TreeBuilder builder(file, sink);
  try {
    std::istringstream input(file.text());
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const StopReading&) {
    return std::nullopt;
  } catch (const YAML::Exception& exception) {
    YamlProblem problem = ExplainYaml(file, SpanAt(file, exception.mark.pos), exception.msg);
    sink.Add(file, problem.span, diagnostic_id::kYamlSyntax, std::move(problem.message),
             std::move(problem.hint));
    return std::nullopt;
  } catch (const std::exception& exception) {  // out of memory, stream failures
    sink.AddForFile(file.name(), diagnostic_id::kYamlSyntax,
                    std::string("the YAML reader gave up: ") + exception.what());
    return std::nullopt;
  }
  std::optional<Node> root = builder.TakeRoot();
  if (!root || root->is_null()) {
    sink.AddForFile(file.name(), diagnostic_id::kEmptyFile, "the file is empty",
                    "write its content, or remove it");
    return std::nullopt;
  }
  return root;
}

}  // namespace kulanz::policy
