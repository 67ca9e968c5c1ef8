// MessageReader: a client stream whose messages can be awaited.
//
// The coroutine that reads a stream calls Finish exactly once, as the last thing that it does with it. Streams end
// themselves when their client has sent all; when the server stops, what was taken is finished, and no further message
// is taken: a client that says nothing and stays would hold up the end for the whole grace.
//
// Thread-safety: a reader's Next and Finish are one coroutine's; the rest is any thread's.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <mutex>
#include <optional>

#include "service/adapters/grpc/open_streams.h"
#include "service/base/log_context.h"
#include "service/base/task.h"

namespace kulanz::rpc {

class MessageReader;
using MessageReaders = OpenStreams<MessageReader>;

class MessageReader final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  MessageReader(MessageReaders& readers, bool ending) : readers_(readers), ending_(ending) {}

  // The next message; nothing when there is none any more, or none is taken any more.
  Task<std::optional<grpc::ByteBuffer>> Next();

  // Why Next gave nothing: true, the server stops, and there may have been more.
  bool is_stopped() const { return stopped_; }

  // Next gives nothing from now on; if it is being waited for, at once.
  void End();

 private:
  void Await(const std::function<void(bool)>& done);
  void OnReadDone(bool ok) override;
  void OnDone() override;

  MessageReaders& readers_;
  grpc::ByteBuffer incoming_;  // owned by the read under way
  LogContextPtr log_context_;  // of who waits for the message
  bool stopped_ = false;       // the coroutine's

  std::mutex mutex_;
  // Under mutex_:
  bool ending_;
  std::function<void(bool)> done_;  // of who waits for the message; null: nobody does
};

}  // namespace kulanz::rpc
