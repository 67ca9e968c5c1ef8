// GuardIndex: which policies of an incident type can still say something other than "no" to an incident,
// found by the facts that they insist on, without asking them.
//
// A guard is a conjunct `fact == constant` or `fact in [constants]` (cel/guards.h). Where the fact is
// there and is none of the constants, the conjunct is false, and && with a false part is false whatever
// errors stand beside it. So, of a policy in effect,
//  - when a guard of `eligible` is false, asking it could only end with "not eligible";
//  - without `eligible` and `exclude`, when every gesture row's `when` has a false guard, asking it could
//    only end with "no gesture".
// Left out, because they prove nothing: a fact that is absent, failed, or of another kind than the
// constants (1 == 1.0); variables, which each policy has its own of; a condition that needs memory before
// its first part is looked at, beside variables that could have used the memory up: it could fail as a
// whole. Policies in shadow mode are never passed over: a decision names what each of them would have done.
//
// Thread-safety: immutable after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "service/cel/value.h"
#include "service/policy/policy.h"

namespace kulanz::policy {

// A set of positions in a list of policies.
class PositionSet {
 public:
  // Makes it the first `count` positions.
  void Fill(std::size_t count);
  void Add(std::size_t position) { words_[position / kBits] |= BitOf(position); }
  void Remove(std::size_t position) { words_[position / kBits] &= ~BitOf(position); }
  bool Contains(std::size_t position) const {
    return (words_[position / kBits] & BitOf(position)) != 0;
  }
  void Intersect(const PositionSet& other);
  // The first position from `from` on; nothing when there is none.
  std::optional<std::size_t> Next(std::size_t from) const;

 private:
  static constexpr std::size_t kBits = 64;
  static std::uint64_t BitOf(std::size_t position) {
    return std::uint64_t{1} << (position % kBits);
  }
  std::vector<std::uint64_t> words_;
};

class GuardIndex {
 public:
  GuardIndex() = default;
  // `policies`: of one incident type, in the order of asking; they outlive the index. `input_slots`: the
  // slots of the frame that an incident fills.
  GuardIndex(std::span<const Policy* const> policies, int input_slots);

  // Whether it can ever pass a policy over.
  bool is_useful() const { return !slots_.empty(); }
  // Makes `candidates` the positions of the policies that must be asked about the incident in `frame`.
  // `scratch` is overwritten.
  void Select(std::span<const cel::Value> frame, PositionSet& candidates,
              PositionSet& scratch) const;
  // The policies, by position, of which being passed over means "no gesture", not "not eligible".
  std::span<const std::uint32_t> eligible_for_all() const { return eligible_for_all_; }

 private:
  // The policies that insist on values of one slot.
  struct SlotIndex {
    struct Key {
      cel::Value value;
      std::uint32_t first = 0;  // in `positions`
      std::uint32_t last = 0;
    };
    int slot = 0;
    cel::Kind kind = cel::Kind::kString;
    PositionSet unguarded;  // the policies that do not ask for the slot
    std::vector<Key> keys;  // sorted
    std::vector<std::uint32_t> positions;
  };
  struct Found;  // what one policy insists on

  void AddSlot(std::span<const Found> found);
  static const SlotIndex::Key* FindKey(const SlotIndex& index, const cel::Value& value);

  std::size_t count_ = 0;
  std::vector<SlotIndex> slots_;
  std::vector<std::uint32_t> eligible_for_all_;
};

}  // namespace kulanz::policy
