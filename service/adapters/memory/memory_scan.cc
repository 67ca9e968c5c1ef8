// The scan of a MemoryStore: in the order of the keys, each page from the key at which the last one ended.
#include <algorithm>
#include <set>

#include "service/adapters/memory/memory_store.h"

namespace kulanz::memory {
namespace {

using ports::Key;

constexpr std::size_t kCursorBytes = 3 + sizeof(ports::KeyHash);

std::string CursorAt(const Key& key) {
  std::string cursor;
  cursor.push_back(static_cast<char>(key.partition.number >> 8U));
  cursor.push_back(static_cast<char>(key.partition.number & 0xffU));
  cursor.push_back(static_cast<char>(key.kind));
  cursor.append(key.hash.begin(), key.hash.end());
  return cursor;
}

std::optional<Key> KeyAt(std::string_view cursor) {
  if (cursor.size() != kCursorBytes) {
    return std::nullopt;
  }
  const auto byte = [cursor](std::size_t at) { return static_cast<std::uint8_t>(cursor[at]); };
  Key key;
  key.partition.number = static_cast<std::uint16_t>(byte(0) << 8U | byte(1));
  key.kind = static_cast<ports::RecordKind>(cursor[2]);
  std::copy(cursor.begin() + 3, cursor.end(), key.hash.begin());
  return key;
}

}  // namespace

Task<Result<ports::ScanPage>> MemoryStore::Scan(std::string cursor, std::uint32_t limit, Deadline) {
  const std::optional<Key> after = KeyAt(cursor);
  if (limit == 0 || limit > ports::kScanLimitMax || (!after && !cursor.empty())) {
    co_return Status(Code::kInvalidArgument, "STORE_LIMIT",
                     "a scan takes a limit of 1 to kScanLimitMax of 1000 and its own cursor");
  }
  const std::lock_guard lock(mutex_);
  const Instant now = Tick();
  std::set<Key> page;
  const auto visit = [&](const Key& key, const std::optional<Instant>& expires_at) {
    if ((after && key <= *after) || (expires_at && *expires_at <= now)) {
      return;
    }
    page.insert(key);
    if (page.size() > limit) {
      page.erase(std::prev(page.end()));
    }
  };
  for (const auto& [key, record] : records_) {
    visit(key, record.expires_at);
  }
  for (const auto& [key, counter] : counters_) {
    visit(key, counter.expires_at);
  }
  for (const auto& [key, index] : indexes_) {
    visit(key, std::nullopt);
  }
  ports::ScanPage result;
  result.keys.assign(page.begin(), page.end());
  result.per_mille = 1000;
  if (page.size() == limit) {
    result.next = CursorAt(result.keys.back());
    result.per_mille = result.keys.back().partition.number * 1000U / partition_count();
  }
  co_return result;
}

}  // namespace kulanz::memory
