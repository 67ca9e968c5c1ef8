#include "service/cel/map.h"
#include "service/cel/nodes.h"
#include "service/cel/operators.h"
#include "service/cel/text_builder.h"

namespace kulanz::cel::nodes {
namespace {

struct ConstantNode : Node {
  Value value;
};
struct SlotNode : Node {
  int slot = 0;
};
struct NameNode : Node {
  std::string_view name;
};
struct FieldNode : Node {
  const Node* operand = nullptr;
  std::string_view name;
};
struct RecordFieldNode : Node {
  const Node* operand = nullptr;
  int place = 0;
};
struct ObservedNode : Node {
  const Node* inner = nullptr;
};

Value RunConstant(const Node& node, Evaluation&) {
  return static_cast<const ConstantNode&>(node).value;
}

Value RunSlot(const Node& node, Evaluation& evaluation) {
  const Value& value = evaluation.input(static_cast<const SlotNode&>(node).slot);
  if (value.is_absent()) [[unlikely]] {
    return Fail(node, ErrorCode::kAbsentField);
  }
  return value;
}

Value RunLocal(const Node& node, Evaluation& evaluation) {
  return evaluation.local(static_cast<const SlotNode&>(node).slot);
}

Value RunUnknown(const Node& node, Evaluation& evaluation) {
  return ErrorWith(evaluation, ErrorCode::kUnknownName, "there is nothing of that name",
                   static_cast<const NameNode&>(node).name)
      .AtOffset(node.span.begin);
}

Value RunSlotPresence(const Node& node, Evaluation& evaluation) {
  const Value& value = evaluation.input(static_cast<const SlotNode&>(node).slot);
  return value.is_error() ? value : Value::Bool(!value.is_absent());
}

Value RunSlotAsOptional(const Node& node, Evaluation& evaluation) {
  const Value& value = evaluation.input(static_cast<const SlotNode&>(node).slot);
  return value.is_error() ? value : value.is_absent() ? Value::None() : Value::Some(&value);
}

Value RunField(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const FieldNode&>(node);
  const Value operand = self.operand->Eval(evaluation);
  return operand.is_error() ? operand : Placed(SelectField(evaluation, operand, self.name), node);
}

Value RunFieldPresence(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const FieldNode&>(node);
  Value operand = self.operand->Eval(evaluation);
  if (operand.is_error()) {
    return operand;
  }
  if (operand.kind() == Kind::kOptional) {
    if (!operand.has_value()) {
      return Value::Bool(false);
    }
    operand = operand.held();
  }
  if (operand.kind() != Kind::kMap) {
    return Fail(node, ErrorCode::kNoSuchOverload, "only maps have fields");
  }
  return Value::Bool(FindInMap(operand.as_map(), Value::String(self.name)) != nullptr);
}

Value RunOptionalField(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const FieldNode&>(node);
  const Value args[] = {self.operand->Eval(evaluation), Value::String(self.name)};
  return args[0].is_error() ? args[0] : Placed(OptionalIndex(evaluation, args), node);
}

// The entry of a record's field, looked for through an optional too; nullptr when there is none, with
// `missing` saying why: an error, or an absent value.
const MapEntry* FindField(const Node& node, Evaluation& evaluation, Value& missing) {
  const auto& self = static_cast<const RecordFieldNode&>(node);
  Value record = self.operand->Eval(evaluation);
  if (record.kind() == Kind::kOptional) {
    if (!record.has_value()) {
      missing = Value::Absent();
      return nullptr;
    }
    record = record.held();
  }
  if (record.kind() != Kind::kRecord || record.size() <= static_cast<std::uint32_t>(self.place))
      [[unlikely]] {
    missing = record.is_error() ? record : Fail(node, ErrorCode::kNoSuchField, "not such a record");
    return nullptr;
  }
  return &record.as_map()[static_cast<std::size_t>(self.place)];
}

Value RunRecordField(const Node& node, Evaluation& evaluation) {
  Value missing;
  const MapEntry* const field = FindField(node, evaluation, missing);
  if (field == nullptr) [[unlikely]] {
    return missing;
  }
  return field->value.is_absent() ? Fail(node, ErrorCode::kAbsentField) : field->value;
}

Value RunRecordFieldPresence(const Node& node, Evaluation& evaluation) {
  Value missing;
  const MapEntry* const field = FindField(node, evaluation, missing);
  if (field == nullptr && missing.is_error()) {
    return missing;
  }
  return Value::Bool(field != nullptr && !field->value.is_absent());
}

Value RunOptionalRecordField(const Node& node, Evaluation& evaluation) {
  Value missing;
  const MapEntry* const field = FindField(node, evaluation, missing);
  if (field == nullptr && missing.is_error()) {
    return missing;
  }
  return field == nullptr || field->value.is_absent() ? Value::None() : Value::Some(&field->value);
}

Value RunObservedSlot(const Node& node, Evaluation& evaluation) {
  const Value value = RunSlot(node, evaluation);
  evaluation.observer()->OnInput(node.span, static_cast<const SlotNode&>(node).slot, value);
  return value;
}

Value RunObserved(const Node& node, Evaluation& evaluation) {
  const Value value = static_cast<const ObservedNode&>(node).inner->Eval(evaluation);
  evaluation.observer()->OnValue(node.span, value);
  return value;
}

const Node* NewSlot(NodeStore& store, TextSpan span, int slot, Node::Run run) {
  auto* const node = store.New<SlotNode>(run, span);
  node->slot = slot;
  return node;
}
const Node* NewField(NodeStore& store, TextSpan span, const Node* operand, std::string_view name,
                     Node::Run run) {
  auto* const node = store.New<FieldNode>(run, span);
  node->operand = operand;
  node->name = name;
  return node;
}
const Node* NewRecordField(NodeStore& store, TextSpan span, const Node* operand, int place,
                           Node::Run run) {
  auto* const node = store.New<RecordFieldNode>(run, span);
  node->operand = operand;
  node->place = place;
  return node;
}

}  // namespace

const Node* Constant(NodeStore& store, TextSpan span, Value value) {
  auto* const node = store.New<ConstantNode>(&RunConstant, span);
  node->value = value;
  return node;
}
const Value* ConstantValue(const Node* node) {
  return node->run == &RunConstant ? &static_cast<const ConstantNode*>(node)->value : nullptr;
}
const Node* Slot(NodeStore& store, TextSpan span, int slot) {
  return NewSlot(store, span, slot, &RunSlot);
}
int SlotOf(const Node* node) {
  return node->run == &RunSlot ? static_cast<const SlotNode*>(node)->slot : -1;
}
const Node* LocalVariable(NodeStore& store, TextSpan span, int slot) {
  return NewSlot(store, span, slot, &RunLocal);
}
const Node* UnknownName(NodeStore& store, TextSpan span, std::string_view name) {
  auto* const node = store.New<NameNode>(&RunUnknown, span);
  node->name = name;
  return node;
}
const Node* SlotPresence(NodeStore& store, TextSpan span, int slot) {
  return NewSlot(store, span, slot, &RunSlotPresence);
}
const Node* SlotAsOptional(NodeStore& store, TextSpan span, int slot) {
  return NewSlot(store, span, slot, &RunSlotAsOptional);
}
const Node* Field(NodeStore& store, TextSpan span, const Node* operand, std::string_view name) {
  return NewField(store, span, operand, name, &RunField);
}
const Node* FieldPresence(NodeStore& store, TextSpan span, const Node* operand,
                          std::string_view name) {
  return NewField(store, span, operand, name, &RunFieldPresence);
}
const Node* OptionalField(NodeStore& store, TextSpan span, const Node* operand,
                          std::string_view name) {
  return NewField(store, span, operand, name, &RunOptionalField);
}
const Node* RecordField(NodeStore& store, TextSpan span, const Node* operand, int place) {
  return NewRecordField(store, span, operand, place, &RunRecordField);
}
const Node* RecordFieldPresence(NodeStore& store, TextSpan span, const Node* operand, int place) {
  return NewRecordField(store, span, operand, place, &RunRecordFieldPresence);
}
const Node* OptionalRecordField(NodeStore& store, TextSpan span, const Node* operand, int place) {
  return NewRecordField(store, span, operand, place, &RunOptionalRecordField);
}
int ObservedSlotOf(const Node* node) {
  return node->run == &RunObservedSlot ? static_cast<const SlotNode*>(node)->slot : -1;
}
const Value* ObservedConstantValue(const Node* node) {
  return node->run == &RunObserved ? ConstantValue(static_cast<const ObservedNode*>(node)->inner)
                                   : nullptr;
}
const Node* Observed(NodeStore& store, const Node* inner) {
  if (IsObservedComparison(inner)) {
    return inner;
  }
  if (const int slot = SlotOf(inner); slot >= 0) {
    return NewSlot(store, inner->span, slot, &RunObservedSlot);
  }
  auto* const node = store.New<ObservedNode>(&RunObserved, inner->span);
  node->inner = inner;
  return node;
}

}  // namespace kulanz::cel::nodes
