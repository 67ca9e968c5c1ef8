// What is stored of pools of codes. code_pools.h has the protocol. Values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/app/record_codec.h"
#include "service/base/result.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct StoredPoolCode {
  std::string pool;
  std::string sealed;  // pool_cipher.h; empty: the code has moved on, or was given away
  std::int64_t hop = 0;
  friend bool operator==(const StoredPoolCode&, const StoredPoolCode&) = default;
};

struct StoredPool {
  std::string name;
  std::uint64_t imported = 0;
  friend bool operator==(const StoredPool&, const StoredPool&) = default;
};

std::string Encode(const RecordCodec& codec, const ports::Key& key, const StoredPoolCode& code);
std::string Encode(const RecordCodec& codec, const ports::Key& key, const StoredPool& pool);
// DATA_LOSS / RECORD_CORRUPT.
Result<StoredPoolCode> DecodePoolCode(const RecordCodec& codec, const ports::Key& key,
                                      std::string_view stored);
// An absent record ("") is a pool that nothing was put into.
Result<StoredPool> DecodePool(const RecordCodec& codec, const ports::Key& key,
                              std::string_view stored);

}  // namespace kulanz::app
