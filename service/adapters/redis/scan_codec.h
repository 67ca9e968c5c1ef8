// A scan of all servers as commands for Redis, one SCAN each.
//
// The cursor of the port is "<partition>:<cursor of Redis>": the server that is being scanned is the one
// that serves the partition. Pure; thread-safe; never trusts a length or a type in a reply.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/base/result.h"
#include "service/ports/store_scan.h"

struct redisReply;

namespace kulanz::redis {

struct ScanCursor {
  ports::PartitionId partition;
  std::uint64_t position = 0;  // what Redis said; 0: from the beginning

  std::string Text() const;
  // Empty text is the beginning; nothing for what Text() does not give.
  static std::optional<ScanCursor> Parse(std::string_view text, std::uint32_t partition_count);
};

struct ScannedKeys {
  ports::ScanPage page;        // without `next`
  std::uint64_t position = 0;  // where this server goes on; 0: it is done
};

std::string EncodeScan(std::uint64_t position, std::uint32_t limit);
// per_mille is that of this server alone. INTERNAL / STORE_BROKEN, and what errors become (failures.h).
Result<ScannedKeys> DecodeScan(const redisReply& reply, std::uint32_t partition_count);

}  // namespace kulanz::redis
