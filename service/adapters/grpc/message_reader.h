// MessageReader: a client stream whose messages can be awaited.
//
// Deletes itself when gRPC is done with it; the coroutine that reads it calls Finish exactly once, as the last
// thing that it does with it. Thread-safety: one coroutine.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <optional>
#include <utility>

#include "service/base/log_context.h"
#include "service/base/task.h"

namespace kulanz::rpc {

class MessageReader final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  // The next message; nothing when there is none any more.
  Task<std::optional<grpc::ByteBuffer>> Next() {
    log_context_ = CurrentLogContext();
    const bool ok = co_await Complete<bool>([this](auto done) {
      done_ = std::move(done);
      StartRead(&incoming_);
    });
    if (!ok) {
      co_return std::nullopt;
    }
    grpc::ByteBuffer message;
    message.Swap(&incoming_);
    co_return message;
  }

 private:
  void OnReadDone(bool ok) override {
    const auto done = std::exchange(done_, nullptr);
    const LogScope scope(log_context_);
    done(ok);
  }
  void OnDone() override { delete this; }

  grpc::ByteBuffer incoming_;
  std::function<void(bool)> done_;
  LogContextPtr log_context_;  // of who waits for the message
};

}  // namespace kulanz::rpc
