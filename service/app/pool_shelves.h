// Shelves: the codes of a pool, partition by partition, and how they move between them.
//
// A code that can be taken is a member of its pool's shelf in one partition; the score is its hop, how often
// it has moved. A move is three transactions, each of which finds out whether it was done before:
//
//   1. source:      off the shelf, onto the transit list; the entry names destination and hop for good
//   2. destination: a record with a higher hop than any before, and onto the shelf
//   3. source:      off the transit list; the record keeps the hop and forgets the code
//
// Whoever finds an entry in transit finishes it, to the destination that it names: so a crash between the
// steps loses nothing, and two who finish at once, or a step that arrives hours late, double nothing,
// because a record's hop never goes back and every step checks what it changes. No clock is asked.
//
// Thread-safety: any thread; what `tools` refers to outlives the tasks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/app/keys.h"
#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct ShelfTools {
  ports::Store& store;
  const Keys& keys;
  const RecordCodec& codec;
};

// A code on a shelf, for the taking; nobody's until a transaction with TakeFromShelf has been committed.
struct ShelvedCode {
  std::string pool;
  ports::Key key;  // of its record; the shelf is in the same partition
  std::int64_t hop = 0;
  std::string sealed;
};

// Three operations each, so that the last step of a move fits into one transaction.
inline constexpr std::size_t kMoveCodesMax = 8;

// Adds to `transaction`, of the same partition, that the code is taken. It fails its checks (Conflict) when
// somebody else was faster.
void TakeFromShelf(const ShelfTools& tools, const ShelvedCode& code,
                   ports::Transaction& transaction);

// One of the codes on the shelf of `partition`, `choice` says which; nothing when there is none.
struct ShelfLook {
  bool has_any = false;           // and yet no `code`: it was taken meanwhile, look again
  std::vector<ShelvedCode> code;  // none or one
};
Task<Result<ShelfLook>> LookAtShelf(ShelfTools tools, std::string pool,
                                    ports::PartitionId partition, std::uint64_t choice,
                                    Deadline deadline);

struct MoveOrder {
  std::string pool;
  ports::PartitionId from;
  ports::PartitionId to;
  std::size_t count = 1;  // at most kMoveCodesMax
};
// What is now on the shelf of `to` by this call; may be less than ordered, or nothing.
Task<Result<std::vector<ShelvedCode>>> MoveCodes(ShelfTools tools, MoveOrder order,
                                                 Deadline deadline);

// Finishes the moves out of `from` that somebody has left. How many there were.
Task<Result<std::size_t>> FinishMoves(ShelfTools tools, std::string pool, ports::PartitionId from,
                                      Deadline deadline);

struct ShelfCount {
  std::vector<std::uint64_t> sizes;  // codes on the shelf of each partition
  // There was a moment during the count at which no code was on any shelf or in transit.
  bool is_empty = false;
};
// Moves finished. A code that moves meanwhile may be missed in `sizes`, and never makes `is_empty`: nothing may
// have arrived in any partition from before it was looked at until all had been.
Task<Result<ShelfCount>> CountShelves(ShelfTools tools, std::string pool, Deadline deadline);

}  // namespace kulanz::app
