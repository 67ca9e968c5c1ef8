#include "service/app/breaker_control.h"

#include <algorithm>
#include <utility>

#include "service/app/breaker_levels.h"
#include "service/app/breaker_store.h"
#include "service/app/contention.h"
#include "service/app/page_token.h"
#include "service/app/policy_holder.h"
#include "service/app/store_time.h"
#include "service/ports/log.h"

namespace kulanz::app {
namespace {

constexpr std::string_view kBreakerList = "breakers";

Status BreakerNotFound(const std::string& breaker) {
  return Status(Code::kNotFound, "BREAKER_NOT_FOUND",
                "the policies set no breaker '" + breaker + "', and none has counted");
}

BreakerView DescribeBreaker(const Dependencies& dependencies, StoredBreaker stored) {
  BreakerView view;
  if (const auto policies = dependencies.policies.Current(); policies != nullptr) {
    // A rule for each type or policy is one for those that there are.
    const std::vector<std::string> names = BreakersOf(*policies);
    if (std::find(names.begin(), names.end(), stored.name) != names.end()) {
      view.rule = *policy::FindBreaker(policies->breakers(), stored.name);
    }
  }
  const auto now = dependencies.store.Now();
  if (view.rule && now) {
    view.counted = Counted(stored.window, *view.rule, *now);
  }
  view.stored = std::move(stored);
  return view;
}

bool IsSame(const BreakerRelease& release, const BreakerReleaseCommand& command) {
  return release.per_minute == command.per_minute && release.dismiss == command.dismiss;
}

// OK, or why it cannot be released.
Task<Status> CheckReleasable(const Dependencies& dependencies, VersionedBreaker breaker,
                             Deadline deadline) {
  const BreakerView view = DescribeBreaker(dependencies, breaker.stored);
  if (breaker.version == 0 && !view.rule) {
    co_return BreakerNotFound(breaker.stored.name);
  }
  const auto& release = breaker.stored.release;
  if (breaker.stored.trip || (release && !release->done)) {
    co_return Status::Ok();
  }
  std::string name = breaker.stored.name;
  const auto held = co_await SummarizeHeld(dependencies, std::move(name), deadline);
  if (!held.ok()) {
    co_return held.status();
  }
  if (held->cases == 0) {
    co_return Status(Code::kFailedPrecondition, "BREAKER_NOT_TRIPPED",
                     "the breaker '" + breaker.stored.name + "' lets gestures pass and holds none");
  }
  co_return Status::Ok();
}

}  // namespace

Task<Result<BreakerPage>> BreakerControl::List(std::uint32_t page_size, std::string page_token,
                                               Deadline deadline) {
  const std::uint32_t limit =
      page_size == 0 ? kBreakerPageDefault : std::min(page_size, kBreakerPageMax);
  std::string after;
  if (!page_token.empty()) {
    const auto parsed = ParsePageToken(dependencies_.codec, kNobody, page_token, kBreakerList);
    if (!parsed) {
      co_return Status(Code::kInvalidArgument, "INVALID_PAGE_TOKEN",
                       "page_token is not one that this list gave");
    }
    after = parsed->member;
  }
  auto busy = co_await ReadBusyBreakers(dependencies_, deadline);
  if (!busy.ok()) {
    co_return busy.status();
  }
  BreakerPage page;
  for (VersionedBreaker& breaker : *busy) {
    if (breaker.stored.name <= after) {
      continue;
    }
    if (page.breakers.size() == limit) {
      page.next_page_token = FormatPageToken(dependencies_.codec, kNobody,
                                             {0, page.breakers.back().stored.name}, kBreakerList);
      break;
    }
    page.breakers.push_back(DescribeBreaker(dependencies_, std::move(breaker.stored)));
  }
  co_return page;
}

Task<Result<BreakerView>> BreakerControl::Get(std::string breaker, Deadline deadline) {
  std::string name = breaker;
  auto read = co_await ReadBreaker(dependencies_, std::move(name), deadline);
  if (!read.ok()) {
    co_return read.status();
  }
  BreakerView view = DescribeBreaker(dependencies_, std::move(read->stored));
  if (read->version == 0 && !view.rule) {
    co_return BreakerNotFound(breaker);
  }
  auto held = co_await SummarizeHeld(dependencies_, std::move(breaker), deadline);
  if (!held.ok()) {
    co_return held.status();
  }
  view.held = *std::move(held);
  co_return view;
}

Task<Result<BreakerView>> BreakerControl::Release(BreakerReleaseCommand command,
                                                  Deadline deadline) {
  for (int attempt = 0; attempt < kRaceTriesMax; ++attempt) {
    std::string name = command.breaker;
    auto read = co_await ReadBreaker(dependencies_, std::move(name), deadline);
    if (!read.ok()) {
      co_return read.status();
    }
    StoredBreaker& stored = read->stored;
    const bool again = stored.release && stored.release->request_id == command.request_id;
    if (again && !IsSame(*stored.release, command)) {
      co_return Status(Code::kAlreadyExists, "RELEASE_CONFLICT",
                       "request_id belongs to a release with another rate or another end");
    }
    if (!again) {
      VersionedBreaker asked = *read;
      const Status may = co_await CheckReleasable(dependencies_, std::move(asked), deadline);
      if (!may.ok()) {
        co_return may;
      }
      const Result<Instant> now = StoreTime(dependencies_.store);
      if (!now.ok()) {
        co_return now.status();
      }
      stored.window.clear();
      stored.trip.reset();
      stored.release = BreakerRelease{.request_id = command.request_id,
                                      .at = *now,
                                      .per_minute = command.per_minute,
                                      .dismiss = command.dismiss,
                                      .worker = {},
                                      .paced_until = *now};
    }
    // A repetition writes the same again, and so is as durable as the first.
    const bool notes = !stored.release->done;
    VersionedBreaker next = *read;
    const auto tells = again ? std::nullopt : std::optional(EventType::kBreakerReleased);
    const auto written =
        co_await WriteBreaker(dependencies_, std::move(next), notes, tells, deadline);
    if (!written.ok()) {
      co_return written.status();
    }
    if (*written) {
      if (!again) {
        dependencies_.log.Info("breaker_released", "what a breaker held is being decided",
                               {{"breaker", command.breaker},
                                {"per_minute", std::to_string(command.per_minute)},
                                {"dismiss", command.dismiss ? "true" : "false"}});
      }
      co_return co_await Get(std::move(command.breaker), deadline);
    }
  }
  co_return Contention("the breaker was changed by others at once");
}

}  // namespace kulanz::app
