#include "service/cel/map.h"
#include "service/cel/nodes.h"

namespace kulanz::cel::nodes {
namespace {

struct BuildNode : Node {
  Nodes parts;
  std::span<const char> optional;  // one per item or entry
};

// The item of an entry, with `?` unwrapped. False when there is none to add; `value` may be an error.
bool TakeItem(const Node& part, bool optional, Evaluation& evaluation, Value& value) {
  value = part.Eval(evaluation);
  if (!optional || value.is_error()) {
    return true;
  }
  if (value.kind() != Kind::kOptional) {
    value = Fail(part, ErrorCode::kNoSuchOverload, "not an optional");
    return true;
  }
  if (!value.has_value()) {
    return false;
  }
  value = value.held();
  return true;
}

Value RunList(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const BuildNode&>(node);
  Value* const items = evaluation.arena().AllocateArray<Value>(self.parts.size());
  if (items == nullptr && !self.parts.empty()) {
    return Fail(node, ErrorCode::kTooMuchMemory);
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < self.parts.size(); ++i) {
    Value value;
    if (TakeItem(*self.parts[i], self.optional[i] != 0, evaluation, value)) {
      if (value.is_error()) {
        return value;
      }
      items[count++] = value;
    }
  }
  return Value::List({items, count});
}

Value RunMap(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const BuildNode&>(node);
  MapEntry* const entries = evaluation.arena().AllocateArray<MapEntry>(self.parts.size() / 2);
  if (entries == nullptr && !self.parts.empty()) {
    return Fail(node, ErrorCode::kTooMuchMemory);
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < self.parts.size(); i += 2) {
    const Value key = self.parts[i]->Eval(evaluation);
    if (key.is_error()) {
      return key;
    }
    Value value;
    if (TakeItem(*self.parts[i + 1], self.optional[i / 2] != 0, evaluation, value)) {
      if (value.is_error()) {
        return value;
      }
      entries[count++] = {key, value};
    }
  }
  return Placed(MakeMap({entries, count}), node);
}

const Node* NewBuild(NodeStore& store, TextSpan span, Nodes parts,
                     const std::vector<bool>& optional, Node::Run run) {
  auto* const node = store.New<BuildNode>(run, span);
  node->parts = store.Keep(parts);
  const std::vector<char> flags(optional.begin(), optional.end());
  node->optional = store.Keep(std::span<const char>(flags));
  return node;
}

}  // namespace

const Node* List(NodeStore& store, TextSpan span, Nodes items, const std::vector<bool>& optional) {
  return NewBuild(store, span, items, optional, &RunList);
}
const Node* Map(NodeStore& store, TextSpan span, Nodes entries, const std::vector<bool>& optional) {
  return NewBuild(store, span, entries, optional, &RunMap);
}

}  // namespace kulanz::cel::nodes
