// StoreInitialiser: makes a database the store (--initialise), as soon as it can be reached.
//
// Redis may come up after kulanzd, which listens meanwhile and says NOT_SERVING. Once the database was made the
// store, or was found to be it, this does nothing any more: a database that is emptied later is one that was lost.
//
// Thread-safety: one owner. The destructor waits for an attempt that is under way.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "service/adapters/redis/initialise.h"
#include "service/ports/log.h"

namespace kulanz::server {

class StoreInitialiser {
 public:
  // `log` is borrowed.
  StoreInitialiser(redis::InitialiseOptions options, ports::Log& log);
  ~StoreInitialiser();
  StoreInitialiser(const StoreInitialiser&) = delete;
  StoreInitialiser& operator=(const StoreInitialiser&) = delete;

  // One attempt, now. When the database cannot be reached, that is OK as well, and a thread goes on until it can
  // be. Every other failure of redis::Initialise is for an operator. Once.
  Status Begin();
  // Begin() has left the work to the thread.
  bool postponed() const { return thread_.joinable(); }

 private:
  Status Attempt();
  void GoOn();

  const redis::InitialiseOptions options_;
  ports::Log& log_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace kulanz::server
