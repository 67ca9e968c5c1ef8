#include "service/adapters/redis/topology_watch.h"

#include <pthread.h>

#include <chrono>
#include <csignal>
#include <utility>

namespace kulanz::redis {

TopologyWatch::TopologyWatch(Duration interval, Duration pause, std::function<void()> look)
    : interval_(interval), pause_(pause), look_(std::move(look)) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited by the thread
  thread_ = std::thread([this] { Main(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TopologyWatch::~TopologyWatch() { Stop(); }

void TopologyWatch::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void TopologyWatch::Ask() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  wake_.notify_all();
}

void TopologyWatch::Main() {
  pthread_setname_np(pthread_self(), "redis-topology");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    asked_ = false;
    lock.unlock();
    look_();
    lock.lock();
    wake_.wait_for(lock, pause_, [this] { return stopping_; });
    wake_.wait_for(lock, interval_, [this] { return stopping_ || asked_; });
  }
}

}  // namespace kulanz::redis
