#include "service/app/partition_walk.h"

#include <utility>

#include "service/app/keys.h"
#include "service/app/page_token.h"
#include "service/app/record_codec.h"

namespace kulanz::app {
namespace {

constexpr std::uint32_t kEntries = 128;

}  // namespace

// The token is the place's score and, as its member, the partition's number with the entry.
std::string FormatWalkPlace(const RecordCodec& codec, const WalkPlace& place,
                            std::string_view list) {
  return FormatPageToken(codec, kNobody,
                         {place.score, std::to_string(place.partition) + "/" + place.member}, list);
}

Result<WalkPlace> ParseWalkPlace(const Dependencies& dependencies, const std::string& token,
                                 std::string_view list) {
  WalkPlace place;
  if (token.empty()) {
    return place;
  }
  const auto parsed = ParsePageToken(dependencies.codec, kNobody, token, list);
  const std::size_t slash = parsed ? parsed->member.find('/') : std::string::npos;
  if (slash != std::string::npos && slash != 0 && slash <= 4) {
    for (const char digit : parsed->member.substr(0, slash)) {
      place.partition = place.partition * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    place.score = parsed->score;
    place.member = parsed->member.substr(slash + 1);
    if (place.partition < dependencies.keys.partition_count()) {
      return place;
    }
  }
  return Status(Code::kInvalidArgument, "INVALID_PAGE_TOKEN",
                "page_token is not one that this list gave");
}

Task<Result<std::vector<ports::IndexEntry>>> ReadAfter(const Dependencies& dependencies,
                                                       ports::Key index, WalkPlace place,
                                                       Deadline deadline) {
  ports::IndexRange range;
  range.index = index;
  range.score_min = place.score;
  range.score_max = ports::kStoredIntegerMax;
  range.limit = kEntries;
  auto entries = co_await dependencies.store.ReadIndex(std::move(range), deadline);
  if (!entries.ok()) {
    co_return entries.status();
  }
  std::erase_if(*entries, [&place](const ports::IndexEntry& entry) {
    return entry.score == place.score && entry.member <= place.member;
  });
  co_return entries;
}

}  // namespace kulanz::app
