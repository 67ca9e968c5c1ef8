// ServerProbe: the server connects to itself now and then, as a new client would.
//
// A process can be alive and serve its old connections, and never another new one. So from time to time this
// connects, has nothing to say, and waits for anything: the server's settings, that it hangs up because nothing
// comes (TLS), or because there are too many connections. Only silence is bad: nobody accepts, or nobody
// reads. After `silences_max` of these in a row the owner is told, once.
//
// Thread-safety: one owner; it has a thread of its own.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "service/ports/log.h"
#include "service/ports/serving_telemetry.h"

namespace kulanz::rpc {

struct ServerProbeSettings {
  std::chrono::milliseconds pause{5'000};
  // Far longer than any overload makes a newcomer wait: a restart in an overload would only make it worse.
  std::chrono::milliseconds patience{10'000};
  int silences_max = 3;
};

class ServerProbe {
 public:
  struct Ports {
    ports::ServingTelemetry& telemetry;
    ports::Log& log;
  };
  // `address`: where the server listens. `on_silence`: called by the probe's thread.
  ServerProbe(const sockaddr_storage& address, const ServerProbeSettings& settings,
              std::function<void()> on_silence, const Ports& ports);
  ~ServerProbe();
  ServerProbe(const ServerProbe&) = delete;
  ServerProbe& operator=(const ServerProbe&) = delete;

 private:
  enum class Outcome : unsigned char { kAnswered, kSilent, kNotAsked };
  void Run();
  Outcome Ask();
  // False: it shall stop.
  bool Pause();

  const sockaddr_storage address_;
  const ServerProbeSettings settings_;
  const std::function<void()> on_silence_;
  const Ports ports_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace kulanz::rpc
