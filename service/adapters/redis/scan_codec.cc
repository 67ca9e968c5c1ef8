#include "service/adapters/redis/scan_codec.h"

#include <hiredis/hiredis.h>

#include <charconv>

#include "service/adapters/redis/decimal_digits.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/key_codec.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"

namespace kulanz::redis {
namespace {

// Redis counts a cursor up from its highest bit, so its bits in reverse say how far it has come, whatever
// the size of the table.
std::uint32_t PerMille(std::uint64_t position) {
  std::uint64_t reversed = 0;
  for (unsigned bit = 0; bit < 64; ++bit) {
    reversed |= (position >> bit & 1U) << (63U - bit);
  }
  return static_cast<std::uint32_t>((reversed >> 32U) * 1000U >> 32U);
}

}  // namespace

std::string ScanCursor::Text() const {
  return std::to_string(partition.number) + ":" + std::to_string(position);
}

std::optional<ScanCursor> ScanCursor::Parse(std::string_view text, std::uint32_t partition_count) {
  if (text.empty()) {
    return ScanCursor{};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const auto partition = ParseNumber<std::uint16_t>(text.substr(0, colon));
  const auto position = ParseNumber<std::uint64_t>(text.substr(colon + 1));
  if (!partition || !position || *partition >= partition_count) {
    return std::nullopt;
  }
  return ScanCursor{{*partition}, *position};
}

std::string EncodeScan(std::uint64_t position, std::uint32_t limit) {
  return RespCommand({"SCAN", std::to_string(position), "COUNT", std::to_string(limit)});
}

Result<ScannedKeys> DecodeScan(const redisReply& reply, std::uint32_t partition_count) {
  if (IsError(reply)) {
    return ErrorStatus(TextOf(reply));
  }
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 2 ||
      reply.element[1]->type != REDIS_REPLY_ARRAY) {
    return BrokenReply("a page of a scan of another form");
  }
  const auto position = ParseNumber<std::uint64_t>(TextOf(*reply.element[0]));
  if (!position) {
    return BrokenReply("a page of a scan without a cursor");
  }
  ScannedKeys scanned;
  scanned.position = *position;
  scanned.page.per_mille = *position == 0 ? 1000 : PerMille(*position);
  const redisReply& keys = *reply.element[1];
  for (std::size_t i = 0; i < keys.elements; ++i) {
    const std::string_view bytes = TextOf(*keys.element[i]);
    if (IsGenesisKey(bytes)) {
      continue;
    }
    const std::optional<ports::Key> key = ParseKey(bytes);
    if (key && key->partition.number < partition_count) {
      scanned.page.keys.push_back(*key);
    } else {
      ++scanned.page.foreign;
    }
  }
  return scanned;
}

}  // namespace kulanz::redis
