// EventLoop: one thread that waits for file descriptors, timers and work posted to it.
//
// The Redis adapter does all its I/O on such loops, so coroutines that await the store resume here. A
// loop works in turns: it wakes up, handles every event that is ready, the posted work and the due
// timers, and then what was registered for the end of the turn. Writes registered there are done once
// per turn, whatever the number of commands: that is the automatic pipelining.
//
// Thread-safety: Post, RunAfter, IsCurrent and Stop from any thread; what is marked "loop only" from
// the loop's thread (checked). Nothing that runs on the loop may block.
// Ownership: the loop outlives everything that uses it. Work, watchers and turn-end work are borrowed.
// Signals are blocked on the loop's thread, so that they reach the main thread.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "service/domain/time.h"

namespace kulanz::redis {

class EventLoop {
 public:
  // Something to run once. The poster owns it and keeps it alive until Run is called.
  class Work {
   public:
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    virtual ~Work() = default;
    virtual void Run() = 0;

   private:
    friend class EventLoop;
    Work* next_ = nullptr;
  };

  class Watcher {
   public:
    // `events`: those of epoll that are ready.
    virtual void OnReady(std::uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };

  struct TimerId {
    Deadline due;
    std::uint64_t number = 0;
    friend auto operator<=>(const TimerId&, const TimerId&) = default;
  };

  // Starts the thread; `name` is what `top -H` shows, cut to 15 characters.
  explicit EventLoop(const std::string& name);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  bool IsCurrent() const;

  // Runs it on the loop, in the order of posting by one thread. What is posted before Stop runs; what
  // is posted later may not.
  void Post(Work& work);
  void Post(std::function<void()> function);

  // Runs it on the loop after `pause` or once `due` is reached, unless cancelled before. Stop drops it.
  TimerId RunAfter(Duration pause, std::function<void()> function);
  TimerId RunAt(Deadline due, std::function<void()> function);
  // Loop only. True when it had not run yet.
  bool Cancel(TimerId timer);

  // Loop only. `events` as for epoll_ctl, level triggered.
  void Watch(int fd, std::uint32_t events, Watcher& watcher);
  void ChangeWatch(int fd, std::uint32_t events, Watcher& watcher);
  // No OnReady follows, not even in this turn.
  void Unwatch(int fd, Watcher& watcher);

  // Loop only. Runs it at the end of this turn, once; it may register again for the same turn.
  void AtTurnEnd(Work& work);

  // Runs what was posted, drops the timers, ends the thread and waits for it. Not from the loop itself
  // (checked). Idempotent.
  void Stop();

 private:
  class PostedFunction;

  void Main(const std::string& name);
  void HandleEvents(int timeout_ms);
  void RunPosted();
  void RunDueTimers();
  void RunTurnEnd();
  int MillisToNextTimer() const;
  void Wake() const;

  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  std::atomic<Work*> posted_{nullptr};  // last in, first out; RunPosted turns it round
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> last_timer_{0};

  // On the loop's thread only.
  std::map<TimerId, std::function<void()>> timers_;
  std::vector<epoll_event> ready_;
  Work* turn_end_first_ = nullptr;
  Work* turn_end_last_ = nullptr;

  std::thread thread_;  // last: it uses everything above
};

}  // namespace kulanz::redis
