#include "service/cel/map.h"
#include "service/cel/nodes.h"
#include "service/cel/operators.h"

namespace kulanz::cel::nodes {
namespace {

struct LoopNode : Node {
  LoopSpec spec;
};
struct BindNode : Node {
  int local = 0;
  const Node* value = nullptr;
  const Node* body = nullptr;
  bool flat = false;
};

// Goes through the items of a list (with their indexes) or the entries of a map.
class Range {
 public:
  Range(const LoopNode& node, Evaluation& evaluation)
      : node_(node), evaluation_(evaluation), range_(node.spec.range->Eval(evaluation)) {
    if (!range_.is_error() && range_.kind() != Kind::kList && range_.kind() != Kind::kMap) {
      range_ = Fail(node, ErrorCode::kNoSuchOverload, "not a list or a map");
    }
  }
  bool ok() const { return !range_.is_error(); }
  // Why the loop cannot go on, when ok() is false.
  const Value& error() const { return range_; }
  std::size_t size() const { return range_.size(); }

  // Sets the variables to the next item; false at the end, or when the steps are used up.
  bool Next() {
    if (index_ >= size()) {
      return false;
    }
    if (!evaluation_.Spend(1)) {
      range_ = Fail(node_, ErrorCode::kTooManySteps);
      return false;
    }
    const bool is_map = range_.kind() == Kind::kMap;
    const Value index = Value::Int(static_cast<std::int64_t>(index_));
    const Value key = is_map ? range_.as_map()[index_].key : index;
    const Value item = is_map ? range_.as_map()[index_].value : range_.as_list()[index_];
    const LoopSpec& spec = node_.spec;
    if (spec.two_variables) {
      evaluation_.local(spec.local) = key;
      evaluation_.local(spec.local + 1) = item;
    } else {
      evaluation_.local(spec.local) = is_map ? key : item;
    }
    ++index_;
    return true;
  }
  Value first_variable() { return evaluation_.local(node_.spec.local); }

 private:
  const LoopNode& node_;
  Evaluation& evaluation_;
  Value range_;
  std::size_t index_ = 0;
};

// A bool, or the error of not being one.
Value Test(const Node& predicate, Evaluation& evaluation) {
  const Value value = predicate.Eval(evaluation);
  return value.kind() == Kind::kBool || value.is_error()
             ? value
             : Fail(predicate, ErrorCode::kNoSuchOverload, "not a bool");
}

// all and exists: a decisive round decides; else the first error counts.
template <bool decisive>
Value RunQuantifier(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const LoopNode&>(node);
  Range range(self, evaluation);
  Value error;
  while (range.ok() && range.Next()) {
    const Value value = Test(*self.spec.body, evaluation);
    if (value.is_error()) {
      error = error.is_error() ? error : value;
    } else if (value.as_bool() == decisive) {
      return value;
    }
  }
  return !range.ok() ? range.error() : error.is_error() ? error : Value::Bool(!decisive);
}

Value RunExistsOne(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const LoopNode&>(node);
  Range range(self, evaluation);
  std::size_t count = 0;
  while (range.ok() && range.Next()) {
    const Value value = Test(*self.spec.body, evaluation);
    if (value.is_error()) {
      return value;
    }
    count += value.as_bool() ? 1U : 0U;
  }
  return range.ok() ? Value::Bool(count == 1) : range.error();
}

// Whether the round passes the loop's filter (of filter(): its body); an error otherwise.
template <bool is_filter>
Value Passes(const LoopSpec& spec, Evaluation& evaluation) {
  if constexpr (is_filter) {
    return Test(*spec.body, evaluation);
  }
  return spec.filter == nullptr ? Value::Bool(true) : Test(*spec.filter, evaluation);
}

// Goes through the rounds that pass and gathers what `take` makes of each, an Item, in `gathered`. The
// error that ended it, of `take` too, or an absent value.
template <bool is_filter, typename Item, typename Take>
Value Gather(const LoopNode& node, Evaluation& evaluation, std::span<Item>& gathered,
             const Take& take) {
  Range range(node, evaluation);
  if (!range.ok()) {
    return range.error();
  }
  Item* const items = evaluation.arena().AllocateArray<Item>(range.size());
  if (items == nullptr && range.size() > 0) {
    return Fail(node, ErrorCode::kTooMuchMemory);
  }
  std::size_t count = 0;
  while (range.Next()) {
    const Value passes = Passes<is_filter>(node.spec, evaluation);
    if (passes.is_error()) {
      return passes;
    }
    if (passes.as_bool()) {
      const Value taken = take(range, items[count++]);
      if (taken.is_error()) {
        return taken;
      }
    }
  }
  gathered = {items, count};
  return range.ok() ? Value::Absent() : range.error();
}

// map, transformList, and filter, which keeps its variable when the body holds.
template <bool is_filter>
Value RunToList(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const LoopNode&>(node);
  std::span<Value> items;
  const Value ended =
      Gather<is_filter, Value>(self, evaluation, items, [&](Range& range, Value& item) {
        return item = is_filter ? range.first_variable() : self.spec.body->Eval(evaluation);
      });
  return ended.is_error() ? ended : Value::List(items);
}

// transformMap: keys stay, values change.
Value RunToMap(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const LoopNode&>(node);
  std::span<MapEntry> entries;
  const Value ended =
      Gather<false, MapEntry>(self, evaluation, entries, [&](Range& range, MapEntry& entry) {
        entry.key = range.first_variable();
        return entry.value = self.spec.body->Eval(evaluation);
      });
  return ended.is_error() ? ended : Placed(MakeMap(entries), node);
}

// transformMapEntry: each round gives a map, whose entries are gathered.
Value RunToEntries(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const LoopNode&>(node);
  // The maps first, then room for all their entries at once.
  std::span<Value> maps;
  std::size_t total = 0;
  const Value ended = Gather<false, Value>(self, evaluation, maps, [&](Range&, Value& map) {
    map = self.spec.body->Eval(evaluation);
    if (map.kind() != Kind::kMap) {
      return map.is_error() ? map : Fail(node, ErrorCode::kNoSuchOverload, "not a map");
    }
    total += map.size();
    return map;
  });
  if (ended.is_error()) {
    return ended;
  }
  MapEntry* const entries = evaluation.arena().AllocateArray<MapEntry>(total);
  if (entries == nullptr && total > 0) {
    return Fail(node, ErrorCode::kTooMuchMemory);
  }
  std::size_t count = 0;
  for (const Value& map : maps) {
    for (const MapEntry& entry : map.as_map()) {
      entries[count++] = entry;
    }
  }
  return Placed(MakeMap({entries, count}), node);
}

Value RunBind(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const BindNode&>(node);
  // An error is bound too: it only counts where the variable is used.
  evaluation.local(self.local) = self.value->Eval(evaluation);
  return self.body->Eval(evaluation);
}

Value RunOptionalMap(const Node& node, Evaluation& evaluation) {
  const auto& self = static_cast<const BindNode&>(node);
  const Value optional = self.value->Eval(evaluation);
  if (optional.is_error()) {
    return optional;
  }
  if (optional.kind() != Kind::kOptional) {
    return Fail(node, ErrorCode::kNoSuchOverload, "not an optional");
  }
  if (!optional.has_value()) {
    return optional;
  }
  evaluation.local(self.local) = optional.held();
  const Value result = self.body->Eval(evaluation);
  if (result.is_error()) {
    return result;
  }
  if (!self.flat) {
    return Placed(MakeOptional(evaluation, result), node);
  }
  return result.kind() == Kind::kOptional
             ? result
             : Fail(node, ErrorCode::kNoSuchOverload, "not an optional");
}

Node::Run RunOf(cel::Loop loop) {
  switch (loop) {
    case cel::Loop::kAll:
      return &RunQuantifier<false>;
    case cel::Loop::kExists:
      return &RunQuantifier<true>;
    case cel::Loop::kExistsOne:
      return &RunExistsOne;
    case cel::Loop::kFilter:
      return &RunToList<true>;
    case cel::Loop::kMap:
    case cel::Loop::kTransformList:
      return &RunToList<false>;
    case cel::Loop::kTransformMap:
      return &RunToMap;
    case cel::Loop::kTransformMapEntry:
      return &RunToEntries;
  }
  return &RunExistsOne;
}

const Node* NewBind(NodeStore& store, TextSpan span, int local, const Node* value, const Node* body,
                    bool flat, Node::Run run) {
  auto* const node = store.New<BindNode>(run, span);
  node->local = local;
  node->value = value;
  node->body = body;
  node->flat = flat;
  return node;
}

}  // namespace

const Node* Comprehension(NodeStore& store, TextSpan span, const LoopSpec& spec) {
  auto* const node = store.New<LoopNode>(RunOf(spec.loop), span);
  node->spec = spec;
  return node;
}
const Node* Bind(NodeStore& store, TextSpan span, int local, const Node* value, const Node* body) {
  return NewBind(store, span, local, value, body, false, &RunBind);
}
const Node* OptionalMap(NodeStore& store, TextSpan span, int local, const Node* optional,
                        const Node* body, bool flat) {
  return NewBind(store, span, local, optional, body, flat, &RunOptionalMap);
}

}  // namespace kulanz::cel::nodes
