// The kinds of nodes that plans are made of. Each function makes one; what they do when run is in
// nodes_access.cc, nodes_logic.cc, nodes_calls.cc, nodes_build.cc and nodes_loops.cc.
//
// Thread-safety: none (planning); the nodes made are immutable.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "service/cel/ast.h"
#include "service/cel/evaluation.h"

namespace kulanz::cel::nodes {

// Access.
const Node* Constant(NodeStore& store, TextSpan span, Value value);
// The value of a node made by Constant(), else nullptr.
const Value* ConstantValue(const Node* node);
const Node* Slot(NodeStore& store, TextSpan span, int slot);
// The slot of a node made by Slot(), else -1.
int SlotOf(const Node* node);
const Node* LocalVariable(NodeStore& store, TextSpan span, int slot);
const Node* UnknownName(NodeStore& store, TextSpan span, std::string_view name);
const Node* SlotPresence(NodeStore& store, TextSpan span, int slot);
const Node* SlotAsOptional(NodeStore& store, TextSpan span, int slot);
// operand.name, has(operand.name), operand.?name
const Node* Field(NodeStore& store, TextSpan span, const Node* operand, std::string_view name);
// The field at `place` of a record, in the same three forms.
const Node* RecordField(NodeStore& store, TextSpan span, const Node* operand, int place);
const Node* RecordFieldPresence(NodeStore& store, TextSpan span, const Node* operand, int place);
const Node* OptionalRecordField(NodeStore& store, TextSpan span, const Node* operand, int place);
const Node* FieldPresence(NodeStore& store, TextSpan span, const Node* operand,
                          std::string_view name);
const Node* OptionalField(NodeStore& store, TextSpan span, const Node* operand,
                          std::string_view name);

// Logic.
const Node* And(NodeStore& store, TextSpan span, Nodes parts);
const Node* Or(NodeStore& store, TextSpan span, Nodes parts);
const Node* Conditional(NodeStore& store, TextSpan span, const Node* condition, const Node* then,
                        const Node* otherwise);
// optional.or(alternative), optional.orValue(alternative): the alternative only when needed.
const Node* OrElse(NodeStore& store, TextSpan span, const Node* optional, const Node* alternative,
                   bool unwrap);

// Calls.
const Node* Call(NodeStore& store, TextSpan span, Implementation implementation, Nodes args);
// Chosen by the arguments' kinds. `overloads` fit in number of parameters.
const Node* DynamicCall(NodeStore& store, TextSpan span, std::string_view name,
                        std::span<const Overload* const> overloads, Nodes args);
// Comparisons of two parts that are known to be of one type; nullptr when there is none faster than
// Call.
const Node* FastComparison(NodeStore& store, TextSpan span, std::string_view name, const Type& type,
                           const Node* left, const Node* right);
// `needle in constants`; nullptr when it cannot be made a set.
const Node* InConstants(NodeStore& store, TextSpan span, const Type& needle_type,
                        const Node* needle, std::span<const Value> constants);

// Building.
const Node* List(NodeStore& store, TextSpan span, Nodes items, const std::vector<bool>& optional);
const Node* Map(NodeStore& store, TextSpan span, Nodes entries, const std::vector<bool>& optional);

// Scopes.
struct LoopSpec {
  cel::Loop loop = cel::Loop::kAll;
  const Node* range = nullptr;
  const Node* body = nullptr;
  const Node* filter = nullptr;  // or nullptr
  int local = 0;                 // of the first variable
  bool two_variables = false;
};
const Node* Comprehension(NodeStore& store, TextSpan span, const LoopSpec& spec);
const Node* Bind(NodeStore& store, TextSpan span, int local, const Node* value, const Node* body);
const Node* OptionalMap(NodeStore& store, TextSpan span, int local, const Node* optional,
                        const Node* body, bool flat);

// The slot of a node made by Observed(Slot()), else -1.
int ObservedSlotOf(const Node* node);
// The value of a node made by Observed(Constant()), else nullptr.
const Value* ObservedConstantValue(const Node* node);
// Whether a comparison tells the observer by itself.
bool IsObservedComparison(const Node* node);
// Passes the value on and tells the evaluation's observer.
const Node* Observed(NodeStore& store, const Node* inner);

}  // namespace kulanz::cel::nodes
