#include "service/policy/fields.h"

#include <algorithm>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/suggest.h"

namespace kulanz::policy {
namespace {

// The rest of `{amount: money(5.00, "CHF")}`, which YAML cuts at the comma.
bool IsBrokenExpression(const Node::Entry& entry) {
  return entry.value.is_null() && entry.key.text.find(')') != std::string::npos;
}

// Adds to `meant` the keys that stand there misspelt.
void CheckKeys(const FileContext& context, const Node& node, std::string_view where,
               std::initializer_list<FieldSpec> specs, std::vector<std::string_view>& meant) {
  for (const Node::Entry& entry : node.entries) {
    const auto* spec = std::find_if(
        specs.begin(), specs.end(),
        [&entry](const FieldSpec& candidate) { return candidate.name == entry.key.text; });
    if (spec == specs.end()) {
      std::vector<std::string_view> known;
      for (const FieldSpec& candidate : specs) {
        known.push_back(candidate.name);
      }
      meant.push_back(NearestWord(entry.key.text, known));
      context.Error(entry.key, diagnostic_id::kUnknownKey,
                    "unknown key '" + entry.key.text + "' in " + std::string(where),
                    IsBrokenExpression(entry)
                        ? "an expression with a comma must stand in quotes within { }"
                        : DidYouMean(entry.key.text, known, "its keys are"));
    } else if (entry.value.is_null() && !entry.value.is_alias) {
      context.Error(entry.key, diagnostic_id::kEmptyValue, "'" + entry.key.text + "' has no value",
                    "give it one, or remove the key");
    }
  }
}

}  // namespace

Fields::Fields(const FileContext& context, const Node& node, std::string_view where,
               std::initializer_list<FieldSpec> specs)
    : node_(node) {
  if (!node.is_map()) {
    context.Error(node, diagnostic_id::kWrongShape,
                  std::string(where) + " must be a mapping (key: value), not " +
                      std::string(ShapeName(node)));
    return;
  }
  std::vector<std::string_view> meant;
  CheckKeys(context, node, where, specs, meant);
  std::vector<std::string_view> missing;
  for (const FieldSpec& spec : specs) {
    const bool is_there =
        std::any_of(node.entries.begin(), node.entries.end(),
                    [&spec](const Node::Entry& entry) { return entry.key.text == spec.name; });
    const bool is_misspelt = std::find(meant.begin(), meant.end(), spec.name) != meant.end();
    if (spec.presence == Presence::kRequired && !is_there && !is_misspelt) {
      missing.push_back(spec.name);
    }
  }
  for (const std::string_view name : missing) {
    context.Error(node, diagnostic_id::kMissingKey,
                  std::string(where) + " needs the key '" + std::string(name) + "'");
  }
}

const Node* Fields::Find(std::string_view name) const {
  for (const Node::Entry& entry : node_.entries) {
    if (entry.key.text == name) {
      return entry.value.is_null() ? nullptr : &entry.value;
    }
  }
  return nullptr;
}

const std::vector<Node>& Items(const FileContext& context, const Node& node, std::string_view where,
                               std::size_t max) {
  static const std::vector<Node> kNone;
  if (!node.is_list()) {
    context.Error(node, diagnostic_id::kWrongShape,
                  std::string(where) + " must be a list, not " + std::string(ShapeName(node)),
                  "write [a, b], or one '- item' per line");
    return kNone;
  }
  if (node.items.size() > max) {
    context.Error(node.items[max], diagnostic_id::kTooManyItems,
                  std::string(where) + " may have at most " + std::to_string(max) + " items");
    return kNone;
  }
  return node.items;
}

std::string_view ShapeName(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "text";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a mapping";
  }
  return "";
}

}  // namespace kulanz::policy
