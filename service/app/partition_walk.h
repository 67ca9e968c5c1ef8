// A list over an index that every partition has, page by page: by partition, and in each by score.
//
// Thread-safety: any thread; pure but for what they read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/dependencies.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/ports/store.h"

namespace kulanz::app {

// Where a page goes on: after this entry of this partition.
struct WalkPlace {
  std::uint32_t partition = 0;
  std::int64_t score = -ports::kStoredIntegerMax;
  std::string member;
};

// `list`: names the list that the token belongs to.
std::string FormatWalkPlace(const RecordCodec& codec, const WalkPlace& place,
                            std::string_view list);
// The beginning for an empty token. INVALID_ARGUMENT / INVALID_PAGE_TOKEN.
Result<WalkPlace> ParseWalkPlace(const Dependencies& dependencies, const std::string& token,
                                 std::string_view list);

// The entries of `index` after a place of its partition, 128 at the most. More than these of one millisecond are
// not told apart by any clock that they are recorded by.
Task<Result<std::vector<ports::IndexEntry>>> ReadAfter(const Dependencies& dependencies,
                                                       ports::Key index, WalkPlace place,
                                                       Deadline deadline);

}  // namespace kulanz::app
