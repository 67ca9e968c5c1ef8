#include "service/cel/nodes.h"

namespace kulanz::cel::nodes {
namespace {

struct LogicNode : Node {
  Nodes parts;
};
struct ConditionalNode : Node {
  const Node* condition = nullptr;
  const Node* then = nullptr;
  const Node* otherwise = nullptr;
};
struct OrElseNode : Node {
  const Node* optional = nullptr;
  const Node* alternative = nullptr;
  bool unwrap = false;
};

// A part that is neither true nor false: the error it is, or the error of not being a bool.
Value NotBool(const Value& value, const Node& part) {
  return value.is_error() ? value : Fail(part, ErrorCode::kNoSuchOverload, "not a bool");
}

// One `decisive` part decides, whatever errors stand beside it; else the first error counts.
template <bool decisive>
Value RunLogic(const Node& node, Evaluation& evaluation) {
  Value error;
  for (const Node* part : static_cast<const LogicNode&>(node).parts) {
    const Value value = part->Eval(evaluation);
    if (value.kind() == Kind::kBool) [[likely]] {
      if (value.as_bool() == decisive) {
        return value;
      }
    } else if (!error.is_error()) {
      error = NotBool(value, *part);
    }
  }
  return error.is_error() ? error : Value::Bool(!decisive);
}

Value RunConditional(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const ConditionalNode&>(node);
  const Value condition = self.condition->Eval(evaluation);
  if (condition.kind() != Kind::kBool) [[unlikely]] {
    return NotBool(condition, *self.condition);
  }
  return (condition.as_bool() ? self.then : self.otherwise)->Eval(evaluation);
}

Value RunOrElse(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const OrElseNode&>(node);
  const Value optional = self.optional->Eval(evaluation);
  if (optional.is_error()) {
    return optional;
  }
  if (optional.kind() != Kind::kOptional) {
    return Fail(node, ErrorCode::kNoSuchOverload, "not an optional");
  }
  if (optional.has_value()) {
    return self.unwrap ? optional.held() : optional;
  }
  const Value alternative = self.alternative->Eval(evaluation);
  if (!self.unwrap && !alternative.is_error() && alternative.kind() != Kind::kOptional) {
    return Fail(node, ErrorCode::kNoSuchOverload, "not an optional");
  }
  return alternative;
}

const Node* NewLogic(NodeStore& store, TextSpan span, Nodes parts, Node::Run run) {
  auto* const node = store.New<LogicNode>(run, span);
  node->parts = store.Keep(parts);
  return node;
}

}  // namespace

const Node* And(NodeStore& store, TextSpan span, Nodes parts) {
  return NewLogic(store, span, parts, &RunLogic<false>);
}
const Node* Or(NodeStore& store, TextSpan span, Nodes parts) {
  return NewLogic(store, span, parts, &RunLogic<true>);
}
const Node* Conditional(NodeStore& store, TextSpan span, const Node* condition, const Node* then,
                        const Node* otherwise) {
  auto* const node = store.New<ConditionalNode>(&RunConditional, span);
  node->condition = condition;
  node->then = then;
  node->otherwise = otherwise;
  return node;
}
const Node* OrElse(NodeStore& store, TextSpan span, const Node* optional, const Node* alternative,
                   bool unwrap) {
  auto* const node = store.New<OrElseNode>(&RunOrElse, span);
  node->optional = optional;
  node->alternative = alternative;
  node->unwrap = unwrap;
  return node;
}

}  // namespace kulanz::cel::nodes
