// The index of a customer's decisions, read backwards in time.
//
// Thread-safety: any thread; reads only.
#pragma once

#include <cstdint>
#include <vector>

#include "service/app/dependencies.h"
#include "service/app/page_token.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/ports/store.h"

namespace kulanz::app {

// The entries after `token`, at most `limit` and one more that tells whether there is a next page.
Task<Result<std::vector<ports::IndexEntry>>> ReadDecisionEntries(const Dependencies& dependencies,
                                                                 ports::Key index, PageToken token,
                                                                 std::uint32_t limit,
                                                                 Deadline deadline);

}  // namespace kulanz::app
