// WebhookSink: a receiver of events that takes all and looks at none, so that what is measured is ours.
//
// Thread-safety: any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kulanz::bench {

class WebhookSink {
 public:
  // Listens on loopback when it returns.
  WebhookSink();
  ~WebhookSink();
  WebhookSink(const WebhookSink&) = delete;
  WebhookSink& operator=(const WebhookSink&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/events"; }
  std::uint64_t received() const { return received_; }
  // Until so many have come, or nothing comes for ten seconds.
  void WaitFor(std::uint64_t events) const;

 private:
  void Accept();
  void Serve(int connection);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<std::uint64_t> received_{0};
  std::mutex mutex_;
  std::vector<int> connections_;      // under mutex_
  std::vector<std::thread> threads_;  // under mutex_
  std::thread acceptor_;
};

}  // namespace kulanz::bench
