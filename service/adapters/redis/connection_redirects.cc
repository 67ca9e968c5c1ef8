// What a connection does with a call that a node of a cluster does not serve. Nothing of it was applied,
// so it is simply tried again: at the node named, or after a pause at whatever node has the partition by
// then. Each try begins at the partition's owner.
#include <algorithm>
#include <chrono>

#include "service/adapters/redis/cluster_slots.h"
#include "service/adapters/redis/connection.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/router.h"

namespace kulanz::redis {
namespace {

// With pauses of 2, 4, ... 64 ms that is about 0.8 s for one call.
constexpr int kRedirectionsMax = 16;
constexpr Duration kPauseMin{2};
constexpr Duration kPauseMax{64};

Duration PauseBefore(int redirection) {
  return redirection > 6 ? kPauseMax : std::min(kPauseMax, kPauseMin * (1 << (redirection - 1)));
}

}  // namespace

bool Connection::Redirect(Call& call, std::string_view error) {
  const std::optional<Redirection> redirection =
      ParseRedirection(error, target_ ? std::string_view(target_->host) : std::string_view());
  if (!redirection || options_.address.topology != Topology::kCluster) {
    return false;
  }
  call.asking_ = false;
  if (phase_ == Phase::kStopped || ++call.redirections_ > kRedirectionsMax) {
    return false;
  }
  Connection* next = nullptr;
  if (redirection->kind == Redirection::Kind::kMoved) {
    router_.Moved(call.partition, redirection->node);
    next = router_.ConnectionOf(call.partition);
  } else if (redirection->kind == Redirection::Kind::kAsk) {
    next = router_.ConnectionTo(call.partition, redirection->node);
  }
  if (next != nullptr && next != this && next->IsReady()) {
    call.asking_ = redirection->kind == Redirection::Kind::kAsk;
    HandOver(call, *next);
    return true;
  }
  return Park(call);
}

void Connection::HandOver(Call& call, Connection& next) {
  calls_.fetch_sub(1, std::memory_order_relaxed);
  next.calls_.fetch_add(1, std::memory_order_relaxed);
  call.connection_ = &next;
  next.loop_.Post(call);
}

bool Connection::Park(Call& call) {
  const Deadline again = std::chrono::steady_clock::now() + PauseBefore(call.redirections_);
  if (again >= call.deadline) {
    return false;
  }
  parked_.push_back(&call);
  loop_.RunAt(again, [this, &call] {
    if (std::erase(parked_, &call) == 1) {  // otherwise Stop has ended it
      Unpark(call);
    }
  });
  return true;
}

void Connection::Unpark(Call& call) {
  Connection* const next = router_.ConnectionOf(call.partition);
  const bool is_ready = next != nullptr && next->IsReady();
  if (!is_ready && ++call.redirections_ <= kRedirectionsMax && Park(call)) {
    return;
  }
  if (next == nullptr) {
    call.Fail(router_.DownStatus());
    return Resume(call);
  }
  if (next != this) {
    return HandOver(call, *next);
  }
  if (!Start(call)) {
    call.ResumeWaiter();
  }
}

}  // namespace kulanz::redis
