#include "service/adapters/redis/event_loop.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <limits>
#include <utility>

#include "service/base/check.h"

namespace kulanz::redis {
namespace {

constexpr std::size_t kEventsPerTurn = 64;
constexpr std::size_t kThreadNameMax = 15;

thread_local const EventLoop* current_loop = nullptr;

}  // namespace

class EventLoop::PostedFunction final : public Work {
 public:
  explicit PostedFunction(std::function<void()> function) : function_(std::move(function)) {}
  void Run() override {
    const std::function<void()> function = std::move(function_);
    delete this;  // NOLINT(cppcoreguidelines-owning-memory): made by Post, runs once
    function();
  }

 private:
  std::function<void()> function_;
};

EventLoop::EventLoop(const std::string& name)
    : epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      ready_(kEventsPerTurn) {
  KULANZ_CHECK(epoll_fd_ >= 0 && wake_fd_ >= 0, "a loop needs two file descriptors");
  epoll_event wake{};
  wake.events = EPOLLIN;
  wake.data.ptr = nullptr;
  KULANZ_CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &wake) == 0,
               "an eventfd can be watched");
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited by the thread
  thread_ = std::thread([this, name] { Main(name); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

EventLoop::~EventLoop() {
  Stop();
  RunPosted();  // so that a function posted too late is not leaked
  close(wake_fd_);
  close(epoll_fd_);
}

bool EventLoop::IsCurrent() const { return current_loop == this; }

void EventLoop::Post(Work& work) {
  Work* head = posted_.load(std::memory_order_relaxed);
  do {
    work.next_ = head;
  } while (!posted_.compare_exchange_weak(head, &work, std::memory_order_release,
                                          std::memory_order_relaxed));
  // Only the first of a batch wakes the loop; on the loop itself the turn is still running.
  if (head == nullptr && !IsCurrent()) {
    Wake();
  }
}

void EventLoop::Post(std::function<void()> function) {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): deletes itself when it runs
  Post(*new PostedFunction(std::move(function)));
}

EventLoop::TimerId EventLoop::RunAfter(Duration pause, std::function<void()> function) {
  return RunAt(std::chrono::steady_clock::now() + pause, std::move(function));
}

EventLoop::TimerId EventLoop::RunAt(Deadline due, std::function<void()> function) {
  const TimerId timer{due, last_timer_.fetch_add(1, std::memory_order_relaxed) + 1};
  if (IsCurrent()) {
    timers_.emplace(timer, std::move(function));
  } else {
    Post([this, timer, function = std::move(function)]() mutable {
      timers_.emplace(timer, std::move(function));
    });
  }
  return timer;
}

bool EventLoop::Cancel(TimerId timer) {
  KULANZ_CHECK(IsCurrent(), "Cancel is for the loop's thread");
  return timers_.erase(timer) == 1;
}

void EventLoop::Watch(int fd, std::uint32_t events, Watcher& watcher) {
  KULANZ_CHECK(IsCurrent(), "Watch is for the loop's thread");
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  KULANZ_CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0,
               "an open socket can be watched");
}

void EventLoop::ChangeWatch(int fd, std::uint32_t events, Watcher& watcher) {
  KULANZ_CHECK(IsCurrent(), "ChangeWatch is for the loop's thread");
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  KULANZ_CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0, "it is being watched");
}

void EventLoop::Unwatch(int fd, Watcher& watcher) {
  KULANZ_CHECK(IsCurrent(), "Unwatch is for the loop's thread");
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  for (epoll_event& event : ready_) {
    if (event.data.ptr == &watcher) {
      event.events = 0;
    }
  }
}

void EventLoop::AtTurnEnd(Work& work) {
  KULANZ_CHECK(IsCurrent(), "AtTurnEnd is for the loop's thread");
  work.next_ = nullptr;
  (turn_end_last_ == nullptr ? turn_end_first_ : turn_end_last_->next_) = &work;
  turn_end_last_ = &work;
}

void EventLoop::Stop() {
  KULANZ_CHECK(!IsCurrent(), "a loop cannot wait for its own end");
  stopping_.store(true, std::memory_order_release);
  Wake();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void EventLoop::Main(const std::string& name) {
  current_loop = this;
  pthread_setname_np(pthread_self(), name.substr(0, kThreadNameMax).c_str());
  while (!stopping_.load(std::memory_order_acquire)) {
    // Work that was posted by the turn itself did not wake the loop.
    const bool more = posted_.load(std::memory_order_relaxed) != nullptr;
    HandleEvents(more ? 0 : MillisToNextTimer());
    RunPosted();
    RunDueTimers();
    RunTurnEnd();
  }
  RunPosted();
  RunTurnEnd();
  timers_.clear();
  current_loop = nullptr;
}

void EventLoop::HandleEvents(int timeout_ms) {
  const int count =
      epoll_wait(epoll_fd_, ready_.data(), static_cast<int>(ready_.size()), timeout_ms);
  // By index, and reading the entry afresh: Unwatch clears the events of what is gone.
  for (std::size_t index = 0; count > 0 && index < static_cast<std::size_t>(count); ++index) {
    if (ready_[index].data.ptr == nullptr) {
      std::uint64_t drained = 0;
      [[maybe_unused]] const ssize_t size = read(wake_fd_, &drained, sizeof drained);
    } else if (ready_[index].events != 0) {
      static_cast<Watcher*>(ready_[index].data.ptr)->OnReady(ready_[index].events);
    }
  }
}

void EventLoop::RunPosted() {
  Work* last = posted_.exchange(nullptr, std::memory_order_acquire);
  Work* first = nullptr;
  while (last != nullptr) {
    Work* const next = std::exchange(last->next_, first);
    first = last;
    last = next;
  }
  while (first != nullptr) {
    Work* const next = first->next_;  // Run may end its life
    first->Run();
    first = next;
  }
}

void EventLoop::RunDueTimers() {
  if (timers_.empty()) {
    return;
  }
  // A timer that is set meanwhile, even for now, waits for the next turn.
  const TimerId due{std::chrono::steady_clock::now(), last_timer_.load(std::memory_order_relaxed)};
  while (!timers_.empty() && timers_.begin()->first <= due) {
    const auto timer = timers_.extract(timers_.begin());
    timer.mapped()();
  }
}

void EventLoop::RunTurnEnd() {
  while (turn_end_first_ != nullptr) {
    Work* const work = turn_end_first_;
    turn_end_first_ = work->next_;
    if (turn_end_first_ == nullptr) {
      turn_end_last_ = nullptr;
    }
    work->Run();
  }
}

int EventLoop::MillisToNextTimer() const {
  if (timers_.empty()) {
    return -1;
  }
  const auto pause = timers_.begin()->first.due - std::chrono::steady_clock::now();
  // Rounded up: waking up before the timer is due would only mean to wait again.
  const auto pause_ms = std::chrono::ceil<std::chrono::milliseconds>(pause).count();
  return static_cast<int>(std::clamp<std::int64_t>(pause_ms, 0, std::numeric_limits<int>::max()));
}

void EventLoop::Wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = write(wake_fd_, &one, sizeof one);
}

}  // namespace kulanz::redis
