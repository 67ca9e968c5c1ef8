#include "service/app/decision_index.h"

#include <algorithm>
#include <utility>

namespace kulanz::app {

Task<Result<std::vector<ports::IndexEntry>>> ReadDecisionEntries(const Dependencies& dependencies,
                                                                 ports::Key index, PageToken token,
                                                                 std::uint32_t limit,
                                                                 Deadline deadline) {
  // Entries of the token's own score come again and are skipped; the range grows until it is past them.
  for (std::uint32_t range = limit + 1;; range = std::min(range * 4, ports::kIndexRangeMax)) {
    const ports::IndexRange wanted{index, -ports::kStoredIntegerMax, token.score, range, true};
    auto entries = co_await dependencies.store.ReadIndex(wanted, deadline);
    if (!entries.ok()) {
      co_return entries.status();
    }
    const bool all = entries->size() < range;
    std::erase_if(*entries, [&token](const ports::IndexEntry& entry) {
      return entry.score == token.score && entry.member >= token.member;
    });
    if (entries->size() > limit || all || range == ports::kIndexRangeMax) {
      if (entries->size() > limit + 1) {
        entries->resize(limit + 1);
      }
      co_return std::move(*entries);
    }
  }
}

}  // namespace kulanz::app
