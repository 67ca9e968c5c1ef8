// Evaluation: a program's plan is a tree of nodes, each a function pointer with its data; evaluating is
// calling the root. One Evaluation is the state of one run.
//
// Rules for nodes: a strict node returns the first error of its parts; `&&`, `||`, `all` and `exists`
// absorb errors as CEL defines; no node calls the heap, throws, or reads a clock.
//
// Thread-safety: nodes are immutable; an Evaluation belongs to one call.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "service/base/check.h"
#include "service/cel/arena.h"
#include "service/cel/diagnostic.h"
#include "service/cel/function.h"
#include "service/cel/program.h"
#include "service/cel/value.h"

namespace kulanz::cel {

class Evaluation : public CallContext {
 public:
  Evaluation(const Value* frame, Value* locals, Arena& arena, std::int64_t steps)
      : CallContext(arena, steps), frame_(frame), locals_(locals) {}

  const Value& input(int slot) const { return frame_[slot]; }
  Value& local(int slot) { return locals_[slot]; }
  Observer* observer() const { return observer_; }
  void set_observer(Observer* observer) { observer_ = observer; }

 private:
  const Value* frame_;
  Value* locals_;
  Observer* observer_ = nullptr;
};

struct Node {
  using Run = Value (*)(const Node& node, Evaluation& evaluation);
  Run run = nullptr;
  TextSpan span;

  Value Eval(Evaluation& evaluation) const { return run(*this, evaluation); }
};
using Nodes = std::span<const Node* const>;

// Where the nodes and constants of one program live.
class NodeStore {
 public:
  // No program comes near: an expression has at most 100,000 bytes, a node takes less than 100.
  static constexpr std::size_t kLimitBytes = std::size_t{64} << 20;

  NodeStore() : arena_(kLimitBytes) {}

  template <typename T>
  T* New(Node::Run run, TextSpan span) {
    static_assert(std::is_trivially_destructible_v<T>);
    void* const memory = arena_.Allocate(sizeof(T));
    KULANZ_CHECK(memory != nullptr, "a program's size is bounded by its text's");
    T* const node = new (memory) T();
    node->run = run;
    node->span = span;
    return node;
  }
  template <typename T>
  std::span<const T> Keep(std::span<const T> items) {
    T* const copy = arena_.AllocateArray<T>(items.size());
    KULANZ_CHECK(copy != nullptr || items.empty(), "a program's size is bounded by its text's");
    std::copy(items.begin(), items.end(), copy);
    return {copy, items.size()};
  }
  Arena& arena() { return arena_; }

 private:
  Arena arena_;
};

// `value` if it is no error, else the error with the place of `node`.
inline Value Placed(const Value& value, const Node& node) {
  return value.is_error() ? value.AtOffset(node.span.begin) : value;
}
inline Value Fail(const Node& node, ErrorCode code, const char* text = nullptr) {
  return Value::Error(code, text).AtOffset(node.span.begin);
}

}  // namespace kulanz::cel
