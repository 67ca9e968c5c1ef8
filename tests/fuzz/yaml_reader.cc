// Any bytes as a YAML file: the reader returns a tree or says why not, every place that it names is in
// the file, and every expression's bytes can be found again.
#include "service/policy/yaml_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/check.h"
#include "service/policy/yaml_offsets.h"

namespace {

// NOLINTNEXTLINE(google-build-using-namespace): the subject of this program.
using namespace kulanz::policy;

void CheckNode(const SourceFile& file, const Node& node) {
  const auto size = static_cast<std::uint32_t>(file.text().size());
  KULANZ_CHECK(node.span.begin <= node.span.end && node.span.end <= size, "spans lie in the file");
  if (node.is_scalar()) {
    const auto length = static_cast<std::uint32_t>(node.text.size());
    for (const std::uint32_t at : {std::uint32_t{0}, length / 2, length}) {
      const TextSpan span = LocateInScalar(file, node, {.begin = at, .end = at + 1});
      KULANZ_CHECK(span.begin <= span.end && span.end <= size, "places lie in the file");
    }
  }
  for (const Node& item : node.items) {
    CheckNode(file, item);
  }
  for (const Node::Entry& entry : node.entries) {
    CheckNode(file, entry.key);
    CheckNode(file, entry.value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const SourceFile file("fuzz.yaml", std::string(text));
  DiagnosticSink sink;
  const std::optional<Node> root = ReadYaml(file, sink);
  KULANZ_CHECK(root || sink.has_errors(), "no tree without a reason");
  if (root) {
    CheckNode(file, *root);
  }
  for (const Diagnostic& diagnostic : sink.Take()) {
    KULANZ_CHECK(!Render(diagnostic).empty(), "every problem can be shown");
  }
  return 0;
}
