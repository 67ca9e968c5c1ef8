// TopologyWatch: a thread that looks where the servers are, now and then and when asked to.
//
// `look` may block; it is called at once, then after `interval`, or sooner when somebody asks: after at
// least `pause` since the last look, so that many who ask together cost one look.
// Thread-safety: Ask from any thread, Stop by the owner. The destructor stops it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "service/domain/time.h"

namespace kulanz::redis {

class TopologyWatch {
 public:
  TopologyWatch(Duration interval, Duration pause, std::function<void()> look);
  ~TopologyWatch();
  TopologyWatch(const TopologyWatch&) = delete;
  TopologyWatch& operator=(const TopologyWatch&) = delete;

  void Ask();
  // Waits for a look under way; there is none after it. Idempotent.
  void Stop();

 private:
  void Main();

  const Duration interval_;
  const Duration pause_;
  const std::function<void()> look_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false;     // under mutex_
  bool stopping_ = false;  // under mutex_
  std::thread thread_;     // last: it uses everything above
};

}  // namespace kulanz::redis
