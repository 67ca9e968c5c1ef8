// Fields: the keys of one YAML mapping, checked against those that the language has there.
//
//   const Fields fields(context, node, "a limit", {{"per", kRequired}, {"within", kRequired}});
//   if (const Node* within = fields.Find("within")) ...
//
// Thread-safety: none; lives while one file is read.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "service/policy/diagnostic.h"
#include "service/policy/source_file.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

// The file that is being read, and where its problems go.
struct FileContext {
  const SourceFile& file;
  DiagnosticSink& sink;

  void Error(const Node& node, std::string_view id, std::string message,
             std::string hint = {}) const {
    sink.Add(file, node.span, id, std::move(message), std::move(hint));
  }
};

enum class Presence : std::uint8_t {
  kRequired,
  kOptional,
};

struct FieldSpec {
  std::string_view name;
  Presence presence = Presence::kOptional;
};

class Fields {
 public:
  // Reports a node that is no mapping, unknown keys (with a suggestion), keys without a value and required keys that are missing. `where`: "a limit", "the policy".
  Fields(const FileContext& context, const Node& node, std::string_view where,
         std::initializer_list<FieldSpec> specs);

  // Null when the key is not there or has no value.
  const Node* Find(std::string_view name) const;
  bool is_map() const { return node_.is_map(); }

 private:
  const Node& node_;
};

// The node's items when it is a list with at most `max` items; reports when it is not.
const std::vector<Node>& Items(const FileContext& context, const Node& node, std::string_view where,
                               std::size_t max);

// "a mapping (key: value)", "a list", "text", "nothing".
std::string_view ShapeName(const Node& node);

}  // namespace kulanz::policy
