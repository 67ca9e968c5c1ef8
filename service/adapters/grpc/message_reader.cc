#include "service/adapters/grpc/message_reader.h"

#include <utility>

namespace kulanz::rpc {

Task<std::optional<grpc::ByteBuffer>> MessageReader::Next() {
  log_context_ = CurrentLogContext();
  const bool ok = co_await Complete<bool>([this](auto done) { Await(done); });
  if (!ok) {
    co_return std::nullopt;
  }
  grpc::ByteBuffer message;
  message.Swap(&incoming_);
  co_return message;
}

// Whoever waits goes on only when this has returned (CompleteWith), so that End cannot let them finish the call between
// the lock and StartRead. No lock is held over StartRead: gRPC may call OnReadDone inside it.
void MessageReader::Await(const std::function<void(bool)>& done) {
  bool ended = false;
  {
    const std::lock_guard lock(mutex_);
    ended = ending_;
    if (!ended) {
      done_ = done;
    }
  }
  if (ended) {
    stopped_ = true;
    done(false);
  } else {
    StartRead(&incoming_);
  }
}

// After End nobody waits: a message that comes all the same was not taken.
void MessageReader::OnReadDone(bool ok) {
  std::function<void(bool)> done;
  {
    const std::lock_guard lock(mutex_);
    done = std::exchange(done_, nullptr);
  }
  if (done) {
    const LogScope scope(log_context_);
    done(ok);
  }
}

void MessageReader::End() {
  std::function<void(bool)> done;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    done = std::exchange(done_, nullptr);
  }
  if (done) {
    const LogScope scope(log_context_);
    stopped_ = true;
    done(false);
  }
}

void MessageReader::OnDone() { readers_.Remove(*this); }

}  // namespace kulanz::rpc
