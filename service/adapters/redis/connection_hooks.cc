#include "service/adapters/redis/connection_hooks.h"

#include <hiredis/async.h>

namespace kulanz::redis {

Connection::Hooks::Hooks(EventLoop& loop, redisAsyncContext& context, std::function<void()> write)
    : loop_(loop), context_(&context), write_(std::move(write)), fd_(context.c.fd) {
  context.ev.data = this;
  context.ev.addRead = [](void* hooks) { From(hooks).SetEvents(From(hooks).events_ | EPOLLIN); };
  context.ev.delRead = [](void* hooks) {
    From(hooks).SetEvents(From(hooks).events_ & ~std::uint32_t{EPOLLIN});
  };
  context.ev.addWrite = [](void* hooks) { From(hooks).WantWrite(); };
  context.ev.delWrite = [](void* hooks) { From(hooks).wants_write_ = false; };
  context.ev.cleanup = [](void* hooks) { From(hooks).Cleanup(); };
}

Connection::Hooks::~Hooks() = default;

void Connection::Hooks::OnReady(std::uint32_t events) {
  if (context_ != nullptr && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
    redisAsyncHandleRead(context_);
  }
  if (context_ != nullptr && (events & EPOLLOUT) != 0) {
    Write();
  }
}

void Connection::Hooks::Run() {
  at_turn_end_ = false;
  if (context_ != nullptr) {
    Write();
  }
}

void Connection::Hooks::WantWrite() {
  if (is_writing_) {
    wants_write_ = true;
  } else if ((context_->c.flags & REDIS_CONNECTED) == 0) {
    wants_write_ = true;
    WatchWritable();
  } else if (!at_turn_end_) {
    at_turn_end_ = true;
    loop_.AtTurnEnd(*this);
  }
}

void Connection::Hooks::Write() {
  is_writing_ = true;
  write_();
  is_writing_ = false;
  WatchWritable();
}

void Connection::Hooks::WatchWritable() {
  constexpr std::uint32_t kWritable = EPOLLOUT;
  SetEvents(wants_write_ ? events_ | kWritable : events_ & ~kWritable);
}

void Connection::Hooks::SetEvents(std::uint32_t events) {
  if (events == events_ || context_ == nullptr) {
    return;
  }
  if (events_ == 0) {
    loop_.Watch(fd_, events, *this);
  } else {
    loop_.ChangeWatch(fd_, events, *this);
  }
  events_ = events;
}

void Connection::Hooks::Cleanup() {
  if (events_ != 0) {
    loop_.Unwatch(fd_, *this);
  }
  context_ = nullptr;
}

}  // namespace kulanz::redis
