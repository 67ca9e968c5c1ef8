// Connection::Hooks: tells an EventLoop what hiredis wants to hear of its socket.
//
// Reading is watched for as long as the connection lives. Writing is not: what was appended is written
// at the end of the loop's turn, all at once; only while the socket takes no more, or is not connected
// yet, is it watched.
#pragma once

#include <functional>
#include <utility>

#include "service/adapters/redis/connection.h"

struct redisAsyncContext;

namespace kulanz::redis {

class Connection::Hooks final : public EventLoop::Watcher, private EventLoop::Work {
 public:
  // `write`: writes what was appended to the context; called at the end of a turn or when there is room.
  Hooks(EventLoop& loop, redisAsyncContext& context, std::function<void()> write);
  ~Hooks() override;

  void OnReady(std::uint32_t events) override;

 private:
  static Hooks& From(void* hooks) { return *static_cast<Hooks*>(hooks); }
  void Run() override;  // the end of the turn
  void WantWrite();
  void Write();
  void WatchWritable();
  void SetEvents(std::uint32_t events);
  void Cleanup();

  EventLoop& loop_;
  redisAsyncContext* context_;  // nothing: closed
  const std::function<void()> write_;
  const int fd_;
  std::uint32_t events_ = 0;
  bool at_turn_end_ = false;
  bool is_writing_ = false;
  bool wants_write_ = false;  // as hiredis said last
};

}  // namespace kulanz::redis
