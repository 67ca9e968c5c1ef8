// Published: a value that is replaced as a whole while others read it, without a lock for readers.
//
// Readers may hold on to what they got for as long as this lives: replaced values are kept. So it is for
// what is replaced a few times in the life of a process, such as secrets.
//
// Thread-safety: Current and Replace from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace kulanz::app {

template <typename T>
class Published {
 public:
  explicit Published(T first) { Replace(std::move(first)); }

  const T& Current() const { return *current_.load(std::memory_order_acquire); }
  void Replace(T next) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::make_unique<const T>(std::move(next)));
    current_.store(values_.back().get(), std::memory_order_release);
  }

 private:
  std::atomic<const T*> current_{nullptr};
  std::mutex mutex_;  // of values_
  std::vector<std::unique_ptr<const T>> values_;
};

}  // namespace kulanz::app
