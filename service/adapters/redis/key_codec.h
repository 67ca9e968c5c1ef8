// Keys and genesis records as Redis holds them.
//
// A key is "{<partition as 3 hexadecimal digits>}", the kind's letter and the 16 raw bytes of the hash:
// the part in braces is the hash tag that puts a whole partition into one slot of a cluster.
//
// A partition's genesis record is at "{<partition>}g". Its value is 8 bytes of version, which is the
// partition's sequence number, and then the genesis text "KLZ1/<store id>/<partitions>/<partition>",
// numbers as 3 hexadecimal digits. It names its own partition, so that an answer which belongs to
// another question would be noticed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/base/result.h"
#include "service/ports/store.h"

namespace kulanz::redis {

inline constexpr std::size_t kKeyBytes = 22;
inline constexpr std::size_t kVersionBytes = 8;

// Appends kKeyBytes bytes.
void AppendKey(const ports::Key& key, std::string& out);
// The key of which these are the bytes; nothing when AppendKey would not write it, or the kind is not known.
std::optional<ports::Key> ParseKey(std::string_view bytes);
bool IsGenesisKey(std::string_view bytes);
std::string GenesisKey(ports::PartitionId partition);

// Versions are big-endian, as struct.pack('>I8') in the scripts writes them.
void AppendVersion(std::uint64_t version, std::string& out);
// Of the first kVersionBytes bytes of `value`, which has them (checked).
std::uint64_t ReadVersion(std::string_view value);

// What identifies a store for life.
struct Genesis {
  std::string store_id;               // 1 to 32 of a-z, 0-9 and '-'
  std::uint32_t partition_count = 0;  // a power of two, 1 to kPartitionsMax

  // OK or INVALID_ARGUMENT / STORE_LIMIT.
  Status Validate() const;
  std::string Text(ports::PartitionId partition) const;
  friend bool operator==(const Genesis&, const Genesis&) = default;
};

// A genesis record taken apart.
struct GenesisRecord {
  std::uint64_t sequence = 0;
  Genesis genesis;
  ports::PartitionId partition;
};
// Nothing when `value` is not a genesis record.
std::optional<GenesisRecord> ParseGenesisRecord(std::string_view value);

}  // namespace kulanz::redis
