// Call: one command under way, with somebody waiting for its answer.
//
// Lives in the coroutine that awaits it; a connection borrows it from Submit until it resumes the
// waiter, which it does exactly once, or hands it to another connection of the cluster. Nothing touches
// the call after that.
#pragma once

#include <coroutine>
#include <cstdint>
#include <string>

#include "service/adapters/redis/event_loop.h"
#include "service/base/log_context.h"
#include "service/base/status.h"
#include "service/domain/time.h"
#include "service/ports/store.h"

struct redisReply;

namespace kulanz::redis {

class Connection;

class Call : public EventLoop::Work {
 public:
  // Takes the reply, on the loop. The status is the failure that the waiter will see, if any.
  virtual Status OnReply(const redisReply& reply) = 0;
  // Enough replicas have what the reply was about, or are not insisted on.
  virtual void Confirm() = 0;
  // There is no reply, or it is not to be believed.
  virtual void Fail(Status failure) = 0;

  void Run() final;  // on the loop, when it was submitted from another thread

  std::string bytes;             // the command as Redis reads it
  ports::PartitionId partition;  // that all its keys are in
  Deadline deadline;
  bool writes = false;  // its success waits for the replicas, where the store has to
  std::coroutine_handle<> waiter;
  LogContextPtr log_context;  // of the request that waits

  // The call may be gone when it returns.
  void ResumeWaiter() {
    const LogScope scope(log_context);
    waiter.resume();
  }

 private:
  friend class Connection;
  Connection* connection_ = nullptr;
  int attempts_ = 0;      // with its script
  int redirections_ = 0;  // within a cluster
  bool asking_ = false;   // sent to where its partition is moving
};

}  // namespace kulanz::redis
