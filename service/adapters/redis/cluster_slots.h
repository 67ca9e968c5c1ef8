// Slots of a Redis Cluster: which one a partition is in, which master has which, and what a node says
// of a slot that it does not serve. Pure; thread-safe; never trusts the form of a reply.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "service/adapters/redis/address.h"
#include "service/ports/store.h"

namespace kulanz::redis {

struct Reply;

inline constexpr std::uint32_t kClusterSlots = 16'384;

// Of the partition's hash tag, and so of all its keys.
std::uint16_t SlotOf(ports::PartitionId partition);

// Slots from first to last, and the master that has them.
struct SlotRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  Endpoint master;
};

// Of CLUSTER SLOTS, asked of the host `asked`: a node that does not know its own name means that.
// INTERNAL / STORE_BROKEN when the reply has another form.
Result<std::vector<SlotRange>> ParseClusterSlots(const Reply& reply, std::string_view asked);
// Nothing: no master has it.
std::optional<Endpoint> OwnerOf(const std::vector<SlotRange>& slots, std::uint16_t slot);

struct Redirection {
  enum class Kind : std::uint8_t {
    kMoved,     // the slot is at `node`
    kAsk,       // this key is at `node` already, other keys of the slot are not
    kTryAgain,  // the keys are divided between two nodes just now
  };
  Kind kind;
  Endpoint node;  // of the first two
};

// The redirection that an error reply of the host `asked` is; nothing: it is another error.
std::optional<Redirection> ParseRedirection(std::string_view error, std::string_view asked);

}  // namespace kulanz::redis
