// ServingTelemetry: what the border of the server tells about load, connections and itself.
//
// Port beside ports/telemetry.h, which is about the use-cases. Implemented by PrometheusTelemetry
// (adapters/prometheus) and by NullServingTelemetry below. All label values come from closed sets; never an
// address or a caller's name. Thread-safety: any method from any thread; none blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace kulanz::ports {

class ServingTelemetry {
 public:
  using Seconds = std::chrono::duration<double>;
  virtual ~ServingTelemetry() = default;

  // A call was told to come later. `reason`: "overloaded", "over_share".
  virtual void CallRefused(std::string_view reason) = 0;
  // Calls in hand and how many may be; how long half of them take without a queue.
  virtual void CallsObserved(std::uint32_t in_flight, std::uint32_t limit, Seconds usual) = 0;
  // Somebody has connected. `result`: "accepted"; closed at once: "limit", "address_limit",
  // "no_descriptor".
  virtual void ConnectionOffered(std::string_view result) = 0;
  // Connections that are open and how many may be.
  virtual void ConnectionsObserved(std::uint32_t open, std::uint32_t limit) = 0;
  // The server has connected to itself. `result`: "answered", "silent".
  virtual void ServerProbed(std::string_view result) = 0;
};

class NullServingTelemetry final : public ServingTelemetry {
 public:
  void CallRefused(std::string_view) override {}
  void CallsObserved(std::uint32_t, std::uint32_t, Seconds) override {}
  void ConnectionOffered(std::string_view) override {}
  void ConnectionsObserved(std::uint32_t, std::uint32_t) override {}
  void ServerProbed(std::string_view) override {}
};

}  // namespace kulanz::ports
