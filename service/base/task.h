// Task<T>: a lazy coroutine, so that a use-case over asynchronous ports reads from top to bottom.
//
//   Task<Result<Voucher>> Find(Store& store, Key key) {
//     Result<ReadReply> reply = co_await store.Read({key}, deadline);
//     ...
//     co_return voucher;
//   }
//
// A task starts when it is awaited and resumes its awaiter on whatever thread completes it: in
// production the I/O loop on which the store's reply arrived, in a simulation the scheduler. Nothing
// may block in one. Exceptions do not cross it: one that escapes aborts the process.
//
// Ownership: the Task owns its frame; awaiting moves it out. Arguments taken by reference must outlive
// the await, so use-cases take what they keep by value. Bind arguments with destructors to named
// locals before a co_await expression: g++ 12 miscompiles some temporaries that live across one.
//
// Spawn() starts a task that nobody awaits; WhenAll() runs two side by side; SyncWait() blocks the
// calling thread until a task is done (mains and tests only); CompleteWith() turns a callback API
// into something to await.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <mutex>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "service/base/check.h"

namespace kulanz {

template <typename T = void>
class Task;

namespace task_internal {

struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
    const std::coroutine_handle<> next = finished.promise().continuation;
    return next ? next : std::noop_coroutine();
  }
  void await_resume() const noexcept {}
};

struct PromiseBase {
  std::coroutine_handle<> continuation;
  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <typename U>
  requires std::is_constructible_v<T, U&&>
  void return_value(U&& result) { value.emplace(std::forward<U>(result)); }
  T Take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void Take() const noexcept {}
};

}  // namespace task_internal

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { Destroy(); }

  // Awaiting starts the task; once only.
  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      T await_resume() const { return handle.promise().Take(); }
    };
    return Awaiter{handle_};
  }

 private:
  void Destroy() noexcept {
    if (handle_) {
      handle_.destroy();
    }
  }
  Handle handle_;
};

namespace task_internal {

template <typename T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// A coroutine that starts at once and frees itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

template <typename T, typename Done>
Detached RunThen(Task<T> task, Done done) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
    done();
  } else {
    done(co_await std::move(task));
  }
}

}  // namespace task_internal

// Starts `task` on the calling thread; `done` is called with its result on the thread that ends it.
template <typename T, typename Done>
void SpawnThen(Task<T> task, Done done) {
  task_internal::RunThen(std::move(task), std::move(done));
}

inline void Spawn(Task<void> task) {
  SpawnThen(std::move(task), [] {});
}

// Awaits a value that a callback delivers: `start` is called with a completion function (copyable, to
// be called exactly once, from any thread, also before `start` returns).
template <typename T, typename Start>
class CompleteWith {
 public:
  explicit CompleteWith(Start start) : start_(std::move(start)) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    start_([this](T value) {
      value_.emplace(std::move(value));
      // The second of {completion, return from start} resumes: the first only leaves its mark.
      if (done_.exchange(true, std::memory_order_acq_rel)) {
        caller_.resume();
      }
    });
    return !done_.exchange(true, std::memory_order_acq_rel);
  }
  T await_resume() { return std::move(*value_); }

 private:
  Start start_;
  std::coroutine_handle<> caller_;
  std::optional<T> value_;
  std::atomic<bool> done_{false};
};

template <typename T, typename Start>
CompleteWith<T, Start> Complete(Start start) {
  return CompleteWith<T, Start>(std::move(start));
}

namespace task_internal {

template <typename A, typename B>
class WhenBoth {
 public:
  WhenBoth(Task<A> a, Task<B> b) : a_(std::move(a)), b_(std::move(b)) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    caller_ = caller;
    SpawnThen(std::move(a_), [this](A value) {
      first_.emplace(std::move(value));
      Arrive(true);
    });
    SpawnThen(std::move(b_), [this](B value) {
      second_.emplace(std::move(value));
      Arrive(true);
    });
    return !Arrive(false);
  }
  std::tuple<A, B> await_resume() { return {std::move(*first_), std::move(*second_)}; }

 private:
  // True for the last of three arrivals: both tasks and await_suspend itself.
  bool Arrive(bool resume) {
    const bool last = pending_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    if (last && resume) {
      caller_.resume();
    }
    return last;
  }
  Task<A> a_;
  Task<B> b_;
  std::coroutine_handle<> caller_;
  std::optional<A> first_;
  std::optional<B> second_;
  std::atomic<int> pending_{3};
};

}  // namespace task_internal

// Runs both side by side and gives both results.
template <typename A, typename B>
auto WhenAll(Task<A> a, Task<B> b) {
  return task_internal::WhenBoth<A, B>(std::move(a), std::move(b));
}

// Blocks until `task` is done. Never on a thread that the task needs to make progress.
template <typename T>
T SyncWait(Task<T> task) {
  std::mutex mutex;
  std::condition_variable arrived;
  bool done = false;
  auto signal = [&] {
    const std::lock_guard lock(mutex);
    done = true;
    arrived.notify_one();
  };
  auto wait = [&] {
    std::unique_lock lock(mutex);
    arrived.wait(lock, [&] { return done; });
  };
  if constexpr (std::is_void_v<T>) {
    SpawnThen(std::move(task), signal);
    wait();
  } else {
    std::optional<T> result;
    SpawnThen(std::move(task), [&](T value) {
      result.emplace(std::move(value));
      signal();
    });
    wait();
    return std::move(*result);
  }
}

}  // namespace kulanz
