#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

#include "service/cel/compare.h"
#include "service/cel/nodes.h"
#include "service/cel/operators.h"

namespace kulanz::cel::nodes {
namespace {

struct CompareNode : Node {
  const Node* left = nullptr;
  const Node* right = nullptr;
  Implementation slow = nullptr;
};
struct SlotCompareNode : Node {
  int slot = 0;
  Value constant;
};
struct ObservedCompareNode : SlotCompareNode {
  TextSpan slot_span;
  TextSpan constant_span;
  bool tells_constant = false;  // a constant part, hours(1), but no literal
};
struct SetNode : Node {
  const Node* needle = nullptr;
  std::span<const Value> constants;  // sorted: ints by number, strings by length and bytes
};
// What of a text fits two registers: most constants differ from the needle in it.
struct TextKey {
  std::uint64_t first_bytes = 0;
  std::uint64_t size = 0;
  friend bool operator==(const TextKey&, const TextKey&) = default;
};
struct SmallSetNode : SetNode {
  std::span<const TextKey> keys;  // of the constants
};
// Up to so many texts are compared one by one.
constexpr std::size_t kSmallSet = 16;

struct Equals {
  static bool Holds(std::int64_t a, std::int64_t b) { return a == b; }
};
struct NotEquals {
  static bool Holds(std::int64_t a, std::int64_t b) { return a != b; }
};
struct Less {
  static bool Holds(std::int64_t a, std::int64_t b) { return a < b; }
};
struct LessEquals {
  static bool Holds(std::int64_t a, std::int64_t b) { return a <= b; }
};
struct Greater {
  static bool Holds(std::int64_t a, std::int64_t b) { return a > b; }
};
struct GreaterEquals {
  static bool Holds(std::int64_t a, std::int64_t b) { return a >= b; }
};

// Whether two values of a kind are ordered by their payloads alone.
bool SamePlainKind(const Value& a, const Value& b) {
  // Kind, scale and size (nanos, currency) in one comparison; errors and absent values never get here
  // as both are checked by kind at planning.
  return a.kind() == b.kind() && a.detail() == b.detail() && a.size() == b.size();
}

template <typename Test>
Value RunPlain(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const CompareNode&>(node);
  const Value values[] = {self.left->Eval(evaluation), self.right->Eval(evaluation)};
  if (values[0].is_error()) [[unlikely]] {
    return values[0];
  }
  if (values[1].is_error()) [[unlikely]] {
    return values[1];
  }
  // Timestamps differ in nanos, amounts in scale or currency: those go the long way.
  if (SamePlainKind(values[0], values[1])) [[likely]] {
    return Value::Bool(Test::Holds(values[0].payload(), values[1].payload()));
  }
  return Placed(self.slow(evaluation, values), node);
}

template <typename Test>
Value RunSlotPlain(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const SlotCompareNode&>(node);
  const Value& value = evaluation.input(self.slot);
  if (SamePlainKind(value, self.constant)) [[likely]] {
    return Value::Bool(Test::Holds(value.payload(), self.constant.payload()));
  }
  return value.is_error() ? value : Fail(node, ErrorCode::kAbsentField);
}

template <typename Word>
bool SameWord(const char* a, const char* b) {
  Word x = 0;
  Word y = 0;
  std::memcpy(&x, a, sizeof(Word));
  std::memcpy(&y, b, sizeof(Word));
  return x == y;
}

// Names and enum values are short: up to 16 bytes are two words that may overlap, and no call.
bool SameText(const Value& a, const Value& b) {
  const std::size_t size = a.size();
  if (size != b.size()) {
    return false;
  }
  const char* const x = a.as_string().data();
  const char* const y = b.as_string().data();
  if (size > 2 * sizeof(std::uint64_t)) {
    return std::memcmp(x, y, size) == 0;
  }
  if (size >= sizeof(std::uint64_t)) {
    const std::size_t last = size - sizeof(std::uint64_t);
    return SameWord<std::uint64_t>(x, y) && SameWord<std::uint64_t>(x + last, y + last);
  }
  if (size >= sizeof(std::uint32_t)) {
    const std::size_t last = size - sizeof(std::uint32_t);
    return SameWord<std::uint32_t>(x, y) && SameWord<std::uint32_t>(x + last, y + last);
  }
  return std::equal(x, x + size, y);
}

template <bool equal>
Value RunStrings(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const CompareNode&>(node);
  const Value left = self.left->Eval(evaluation);
  if (left.is_error()) [[unlikely]] {
    return left;
  }
  const Value right = self.right->Eval(evaluation);
  if (right.is_error()) [[unlikely]] {
    return right;
  }
  return Value::Bool(SameText(left, right) == equal);
}

template <bool equal>
Value RunSlotString(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const SlotCompareNode&>(node);
  const Value& value = evaluation.input(self.slot);
  if (value.kind() == Kind::kString) [[likely]] {
    return Value::Bool(SameText(value, self.constant) == equal);
  }
  return value.is_error() ? value : Fail(node, ErrorCode::kAbsentField);
}

// `slot == constant` within an explanation: tells the slot's value and its own.
template <auto compare>
Value RunObservedComparison(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const ObservedCompareNode&>(node);
  const Value& value = evaluation.input(self.slot);
  const Value result = compare(node, evaluation);
  evaluation.observer()->OnInput(self.slot_span, self.slot, value.is_absent() ? result : value);
  if (self.tells_constant) {
    evaluation.observer()->OnValue(self.constant_span, self.constant);
  }
  evaluation.observer()->OnValue(node.span, result);
  return result;
}

bool TextLess(const Value& a, const Value& b) {
  if (a.size() != b.size()) {
    return a.size() < b.size();
  }
  return a.as_string() < b.as_string();
}
bool IntLess(const Value& a, const Value& b) { return a.as_int() < b.as_int(); }

template <auto less>
Value RunSet(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const SetNode&>(node);
  const Value needle = self.needle->Eval(evaluation);
  if (needle.is_error()) [[unlikely]] {
    return needle;
  }
  const auto found = std::lower_bound(self.constants.begin(), self.constants.end(), needle, less);
  return Value::Bool(found != self.constants.end() && !less(needle, *found));
}

TextKey KeyOf(std::string_view text) {
  TextKey key{0, text.size()};
  if (text.size() >= sizeof(key.first_bytes)) {
    std::memcpy(&key.first_bytes, text.data(), sizeof(key.first_bytes));
  } else {
    for (const char c : text) {
      key.first_bytes = (key.first_bytes << 8U) | static_cast<unsigned char>(c);
    }
  }
  return key;
}

Value RunSmallSet(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const SmallSetNode&>(node);
  const Value needle = self.needle->Eval(evaluation);
  if (needle.is_error()) [[unlikely]] {
    return needle;
  }
  const std::string_view text = needle.as_string();
  const TextKey key = KeyOf(text);
  for (std::size_t i = 0; i < self.keys.size(); ++i) {
    if (self.keys[i] == key &&
        (key.size <= sizeof(key.first_bytes) || self.constants[i].as_string() == text)) {
      return Value::Bool(true);
    }
  }
  return Value::Bool(false);
}

bool IsPlain(const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kBool:
    case Type::Kind::kInt:
    case Type::Kind::kDuration:
    case Type::Kind::kDate:
    case Type::Kind::kTimestamp:
    case Type::Kind::kDecimal:
    case Type::Kind::kMoney:
      return true;
    default:
      return false;
  }
}

struct Runs {
  std::string_view name;
  Node::Run general;
  Node::Run with_slot;
  Node::Run observed_slot;
  Implementation slow;
};
template <typename Test>
constexpr Runs RunsOf(std::string_view name, Implementation slow) {
  return {name, &RunPlain<Test>, &RunSlotPlain<Test>, &RunObservedComparison<&RunSlotPlain<Test>>,
          slow};
}
constexpr Runs kRuns[] = {
    RunsOf<Equals>(op::kEquals, &EqualTo),
    RunsOf<NotEquals>(op::kNotEquals, &NotEqualTo),
    RunsOf<Less>(op::kLess, &LessThan),
    RunsOf<LessEquals>(op::kLessEquals, &LessOrEqual),
    RunsOf<Greater>(op::kGreater, &GreaterThan),
    RunsOf<GreaterEquals>(op::kGreaterEquals, &GreaterOrEqual),
};

template <bool equal>
constexpr Runs TextRunsOf(std::string_view name, Implementation slow) {
  return {name, &RunStrings<equal>, &RunSlotString<equal>,
          &RunObservedComparison<&RunSlotString<equal>>, slow};
}
constexpr Runs kTextRuns[] = {TextRunsOf<true>(op::kEquals, &EqualTo),
                              TextRunsOf<false>(op::kNotEquals, &NotEqualTo)};

// A comparison by `runs`; with `fuse`, one node for a slot and a constant.
const Node* NewComparison(NodeStore& store, TextSpan span, const Node* left, const Node* right,
                          const Runs& runs, bool fuse) {
  const Value* const constant = fuse ? ConstantValue(right) : nullptr;
  if (constant != nullptr && SlotOf(left) >= 0) {
    auto* const node = store.New<SlotCompareNode>(runs.with_slot, span);
    node->slot = SlotOf(left);
    node->constant = *constant;
    return node;
  }
  const Value* const told = fuse ? ObservedConstantValue(right) : nullptr;
  if (ObservedSlotOf(left) >= 0 && (constant != nullptr || told != nullptr)) {
    auto* const node = store.New<ObservedCompareNode>(runs.observed_slot, span);
    node->slot = ObservedSlotOf(left);
    node->constant = constant != nullptr ? *constant : *told;
    node->slot_span = left->span;
    node->constant_span = right->span;
    node->tells_constant = told != nullptr;
    return node;
  }
  auto* const node = store.New<CompareNode>(runs.general, span);
  node->left = left;
  node->right = right;
  node->slow = runs.slow;
  return node;
}

}  // namespace

bool IsObservedComparison(const Node* node) {
  const auto is_run = [node](const Runs& runs) { return node->run == runs.observed_slot; };
  return std::any_of(std::begin(kRuns), std::end(kRuns), is_run) ||
         std::any_of(std::begin(kTextRuns), std::end(kTextRuns), is_run);
}

const Node* FastComparison(NodeStore& store, TextSpan span, std::string_view name, const Type& type,
                           const Node* left, const Node* right) {
  const bool equality = name == op::kEquals || name == op::kNotEquals;
  if (equality && ConstantValue(left) != nullptr) {
    std::swap(left, right);  // "x" == slot
  }
  if (type.is(Type::Kind::kString) && equality) {
    return NewComparison(store, span, left, right, kTextRuns[name == op::kEquals ? 0 : 1], true);
  }
  if (!IsPlain(type)) {
    return nullptr;
  }
  // Only kinds whose payload says all can be compared with a slot directly.
  const bool fuse = type.is(Type::Kind::kBool) || type.is(Type::Kind::kInt) ||
                    type.is(Type::Kind::kDuration) || type.is(Type::Kind::kDate);
  for (const Runs& runs : kRuns) {
    if (runs.name == name) {
      return NewComparison(store, span, left, right, runs, fuse);
    }
  }
  return nullptr;
}

const Node* InConstants(NodeStore& store, TextSpan span, const Type& needle_type,
                        const Node* needle, std::span<const Value> constants) {
  const bool texts = needle_type.is(Type::Kind::kString);
  if (!texts && !needle_type.is(Type::Kind::kInt)) {
    return nullptr;
  }
  const Kind kind = texts ? Kind::kString : Kind::kInt;
  const bool uniform = std::all_of(constants.begin(), constants.end(),
                                   [&](const Value& value) { return value.kind() == kind; });
  if (!uniform) {
    return nullptr;
  }
  std::vector<Value> sorted(constants.begin(), constants.end());
  std::sort(sorted.begin(), sorted.end(), texts ? &TextLess : &IntLess);
  if (texts && sorted.size() <= kSmallSet) {
    std::vector<TextKey> keys;
    for (const Value& constant : sorted) {
      keys.push_back(KeyOf(constant.as_string()));
    }
    auto* const node = store.New<SmallSetNode>(&RunSmallSet, span);
    node->needle = needle;
    node->constants = store.Keep(std::span<const Value>(sorted));
    node->keys = store.Keep(std::span<const TextKey>(keys));
    return node;
  }
  auto* const node = store.New<SetNode>(texts ? &RunSet<&TextLess> : &RunSet<&IntLess>, span);
  node->needle = needle;
  node->constants = store.Keep(std::span<const Value>(sorted));
  return node;
}

}  // namespace kulanz::cel::nodes
