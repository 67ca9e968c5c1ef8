#include <algorithm>

#include "service/cel/limits.h"
#include "service/cel/nodes.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel::nodes {
namespace {

struct CallNode : Node {
  Implementation implementation = nullptr;
  Nodes args;
};
struct DynamicCallNode : Node {
  std::string_view name;
  std::span<const Overload* const> overloads;
  Nodes args;
};

// Evaluates the arguments into `values`; the first error, or an absent value when there is none.
Value Evaluate(Nodes args, Evaluation& evaluation, Value* values) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    values[i] = args[i]->Eval(evaluation);
    if (values[i].is_error()) [[unlikely]] {
      return values[i];
    }
  }
  return {};
}

template <std::size_t count>
Value RunCall(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const CallNode&>(node);
  Value values[count == 0 ? 1 : count];
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = self.args[i]->Eval(evaluation);
    if (values[i].is_error()) [[unlikely]] {
      return values[i];
    }
  }
  return Placed(self.implementation(evaluation, values), node);
}

Value RunLongCall(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const CallNode&>(node);
  Value values[kMaxParameters];
  const Value error = Evaluate(self.args, evaluation, values);
  return error.is_error() ? error : Placed(self.implementation(evaluation, values), node);
}

bool IsOfKind(const Value& value, const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kDyn:
    case Type::Kind::kParam:
    case Type::Kind::kError:
      return true;
    case Type::Kind::kNull:
      return value.kind() == Kind::kNull;
    case Type::Kind::kBool:
      return value.kind() == Kind::kBool;
    case Type::Kind::kInt:
      return value.kind() == Kind::kInt;
    case Type::Kind::kUint:
      return value.kind() == Kind::kUint;
    case Type::Kind::kDouble:
      return value.kind() == Kind::kDouble;
    case Type::Kind::kString:
      return value.kind() == Kind::kString;
    case Type::Kind::kBytes:
      return value.kind() == Kind::kBytes;
    case Type::Kind::kTimestamp:
      return value.kind() == Kind::kTimestamp;
    case Type::Kind::kDuration:
      return value.kind() == Kind::kDuration;
    case Type::Kind::kDecimal:
      return value.kind() == Kind::kDecimal;
    case Type::Kind::kMoney:
      return value.kind() == Kind::kMoney;
    case Type::Kind::kDate:
      return value.kind() == Kind::kDate;
    case Type::Kind::kList:
      return value.kind() == Kind::kList;
    case Type::Kind::kMap:
      return value.kind() == Kind::kMap;
    case Type::Kind::kOptional:
      return value.kind() == Kind::kOptional;
    case Type::Kind::kType:
      return value.kind() == Kind::kType;
    case Type::Kind::kRecord:
      return value.kind() == Kind::kRecord;
    case Type::Kind::kStruct:
    case Type::Kind::kAbstract:
      return false;
  }
  return false;
}

bool Accepts(const Overload& overload, const Value* values) {
  for (std::size_t i = 0; i < overload.parameters.size(); ++i) {
    if (!IsOfKind(values[i], overload.parameters[i])) {
      return false;
    }
  }
  return true;
}

Value RunDynamicCall(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const DynamicCallNode&>(node);
  Value values[kMaxParameters];
  const Value error = Evaluate(self.args, evaluation, values);
  if (error.is_error()) {
    return error;
  }
  for (const Overload* overload : self.overloads) {
    if (overload->implementation != nullptr && Accepts(*overload, values)) {
      return Placed(overload->implementation(evaluation, values), node);
    }
  }
  return ErrorWith(evaluation,
                   self.overloads.empty() ? ErrorCode::kUnknownName : ErrorCode::kNoSuchOverload,
                   "no such overload", self.name)
      .AtOffset(node.span.begin);
}

}  // namespace

const Node* Call(NodeStore& store, TextSpan span, Implementation implementation, Nodes args) {
  constexpr Node::Run kRuns[] = {&RunCall<0>, &RunCall<1>, &RunCall<2>, &RunCall<3>};
  auto* const node =
      store.New<CallNode>(args.size() < std::size(kRuns) ? kRuns[args.size()] : &RunLongCall, span);
  node->implementation = implementation;
  node->args = store.Keep(args);
  return node;
}

const Node* DynamicCall(NodeStore& store, TextSpan span, std::string_view name,
                        std::span<const Overload* const> overloads, Nodes args) {
  auto* const node = store.New<DynamicCallNode>(&RunDynamicCall, span);
  node->name = name;
  node->overloads = store.Keep(overloads);
  node->args = store.Keep(args);
  return node;
}

}  // namespace kulanz::cel::nodes
