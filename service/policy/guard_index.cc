#include "service/policy/guard_index.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace kulanz::policy {
namespace {

using cel::Kind;
using cel::Value;

bool IsKey(const Value& value) {
  return value.kind() == Kind::kString || value.kind() == Kind::kInt;
}

// Of two values of one kind; texts by their length first, because that is quick.
bool KeyLess(const Value& a, const Value& b) {
  if (a.kind() == Kind::kInt) {
    return a.as_int() < b.as_int();
  }
  return a.size() != b.size() ? a.size() < b.size() : a.as_string() < b.as_string();
}

// Constants of different kinds are compared in another way, which may fail.
bool IsUniform(std::span<const Value> values) {
  return !values.empty() && IsKey(values.front()) &&
         std::all_of(values.begin(), values.end(),
                     [&](const Value& value) { return value.kind() == values.front().kind(); });
}

const cel::Guard* FindSlot(std::span<const cel::Guard> guards, int slot) {
  const auto found = std::find_if(guards.begin(), guards.end(),
                                  [slot](const cel::Guard& guard) { return guard.slot == slot; });
  return found == guards.end() ? nullptr : &*found;
}

// The guards of one condition that can be used, at most one for each slot.
std::vector<cel::Guard> GuardsOf(const Expression& condition) {
  std::vector<cel::Guard> guards;
  if (!condition || (condition.variables != 0 && condition.program->has_locals())) {
    return guards;
  }
  for (const cel::Guard& guard : condition.program->guards()) {
    if (IsUniform(guard.values) && FindSlot(guards, guard.slot) == nullptr) {
      guards.push_back(guard);
    }
  }
  return guards;
}

// Slot and values; each policy says "no" where the slot holds none of them.
using Values = std::vector<Value>;
using SlotValues = std::vector<std::pair<int, Values>>;

SlotValues GuardsOfEligible(const Policy& policy) {
  SlotValues found;
  for (const cel::Guard& guard : GuardsOf(policy.eligible)) {
    found.emplace_back(guard.slot, Values(guard.values.begin(), guard.values.end()));
  }
  return found;
}

// Slots that every row insists on, with the values of all rows.
SlotValues GuardsOfGesture(const Policy& policy) {
  SlotValues found;
  bool is_first = true;
  for (const GestureRow& row : policy.gesture) {
    const std::vector<cel::Guard> guards = GuardsOf(row.when);
    if (std::exchange(is_first, false)) {
      for (const cel::Guard& guard : guards) {
        found.emplace_back(guard.slot, Values());
      }
    }
    std::erase_if(found, [&guards](auto& entry) {
      const cel::Guard* const guard = FindSlot(guards, entry.first);
      if (guard != nullptr) {
        entry.second.insert(entry.second.end(), guard->values.begin(), guard->values.end());
      }
      return guard == nullptr || !IsUniform(entry.second);
    });
  }
  return found;
}

}  // namespace

void PositionSet::Fill(std::size_t count) {
  words_.assign((count + kBits - 1) / kBits, ~std::uint64_t{0});
  if (count % kBits != 0) {
    words_.back() = (std::uint64_t{1} << (count % kBits)) - 1;
  }
}

void PositionSet::Intersect(const PositionSet& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    words_[i] &= other.words_[i];
  }
}

std::optional<std::size_t> PositionSet::Next(std::size_t from) const {
  std::size_t word = from / kBits;
  if (word >= words_.size()) {
    return std::nullopt;
  }
  std::uint64_t rest = words_[word] & (~std::uint64_t{0} << (from % kBits));
  while (rest == 0) {
    if (++word == words_.size()) {
      return std::nullopt;
    }
    rest = words_[word];
  }
  return word * kBits + static_cast<std::size_t>(std::countr_zero(rest));
}

struct GuardIndex::Found {
  int slot = 0;
  std::uint32_t position = 0;
  std::vector<Value> values;
};

GuardIndex::GuardIndex(std::span<const Policy* const> policies, int input_slots)
    : count_(policies.size()) {
  std::vector<Found> found;
  for (std::uint32_t i = 0; i < policies.size(); ++i) {
    const Policy& policy = *policies[i];
    if (policy.mode == Mode::kShadow) {
      continue;
    }
    const bool is_for_all = !policy.eligible && policy.exclude.empty();
    SlotValues guards = is_for_all ? GuardsOfGesture(policy) : GuardsOfEligible(policy);
    std::erase_if(guards, [input_slots](const auto& guard) { return guard.first >= input_slots; });
    if (is_for_all && !guards.empty()) {
      eligible_for_all_.push_back(i);
    }
    for (auto& [slot, values] : guards) {
      found.push_back({.slot = slot, .position = i, .values = std::move(values)});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.slot < b.slot; });
  for (std::size_t first = 0; first < found.size();) {
    std::size_t last = first;
    while (last < found.size() && found[last].slot == found[first].slot) {
      ++last;
    }
    AddSlot(std::span(found).subspan(first, last - first));
    first = last;
  }
}

void GuardIndex::AddSlot(std::span<const Found> found) {
  SlotIndex index;
  index.slot = found.front().slot;
  index.kind = found.front().values.front().kind();
  index.unguarded.Fill(count_);
  struct Pair {
    Value value;
    std::uint32_t position;
  };
  std::vector<Pair> pairs;
  for (const Found& one : found) {
    if (one.values.front().kind() == index.kind) {
      index.unguarded.Remove(one.position);
      for (const Value& value : one.values) {
        pairs.push_back({value, one.position});
      }
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return KeyLess(a.value, b.value); });
  for (const Pair& pair : pairs) {
    if (index.keys.empty() || KeyLess(index.keys.back().value, pair.value)) {
      const auto begin = static_cast<std::uint32_t>(index.positions.size());
      index.keys.push_back({.value = pair.value, .first = begin, .last = begin});
    }
    index.positions.push_back(pair.position);
    index.keys.back().last = static_cast<std::uint32_t>(index.positions.size());
  }
  slots_.push_back(std::move(index));
}

const GuardIndex::SlotIndex::Key* GuardIndex::FindKey(const SlotIndex& index, const Value& value) {
  const auto found = std::lower_bound(
      index.keys.begin(), index.keys.end(), value,
      [](const SlotIndex::Key& key, const Value& wanted) { return KeyLess(key.value, wanted); });
  return found != index.keys.end() && !KeyLess(value, found->value) ? &*found : nullptr;
}

void GuardIndex::Select(std::span<const Value> frame, PositionSet& candidates,
                        PositionSet& scratch) const {
  candidates.Fill(count_);
  for (const SlotIndex& index : slots_) {
    const Value& value = frame[static_cast<std::size_t>(index.slot)];
    if (value.kind() != index.kind) {
      continue;  // absent, failed, or compared in another way
    }
    scratch = index.unguarded;
    if (const SlotIndex::Key* const key = FindKey(index, value)) {
      for (std::uint32_t i = key->first; i < key->last; ++i) {
        scratch.Add(index.positions[i]);
      }
    }
    candidates.Intersect(scratch);
  }
}

}  // namespace kulanz::policy
