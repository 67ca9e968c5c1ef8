// ConnectionAcceptor: accepts connections in gRPC's place, and only as many as there is room for.
//
// Debian's gRPC 1.51.1 stops accepting for good once accept(2) failed for want of a file descriptor
// (CVE-2023-4785), and knows no limit of connections. Here, who is too much is closed at once; when there is no
// descriptor, one that was kept for this takes the connection from the queue and closes it; and the rest of
// the program (Redis, files, the metrics page) always has descriptors left (DescriptorsForConnections).
//
// Thread-safety: Start and Stop by one owner; it has a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "service/adapters/grpc/listening_socket.h"
#include "service/adapters/grpc/open_connections.h"
#include "service/base/file_descriptor.h"
#include "service/ports/log.h"
#include "service/ports/serving_telemetry.h"

namespace kulanz::rpc {

class ConnectionAcceptor {
 public:
  // Takes over the descriptor of an open connection, non-blocking. Called by the acceptor's thread.
  using HandOver = std::function<void(int listener, int connection)>;
  struct Ports {
    ports::ServingTelemetry& telemetry;
    ports::Log& log;
  };

  ConnectionAcceptor(ListeningSockets sockets, const ConnectionLimits& limits, HandOver hand_over,
                     const Ports& ports);
  ~ConnectionAcceptor() { Stop(); }
  ConnectionAcceptor(const ConnectionAcceptor&) = delete;
  ConnectionAcceptor& operator=(const ConnectionAcceptor&) = delete;

  int port() const { return port_; }
  sockaddr_storage own_address() const { return own_address_; }  // see ListeningSockets
  // The port is closed when it returns; open connections stay. Idempotent.
  void Stop();

 private:
  void Run();
  // Takes what waits at `listener`, up to a number. False: it cannot be done now, for want of memory or
  // descriptors.
  bool Accept(int listener);
  void Take(int listener, FileDescriptor connection, const sockaddr_storage& peer);
  bool TurnAway(int listener);
  void SweepIfDue(std::chrono::milliseconds pause);

  const ConnectionLimits limits_;
  const HandOver hand_over_;
  const Ports ports_;
  const int port_;
  const sockaddr_storage own_address_;
  ListeningSockets sockets_;
  FileDescriptor wake_;   // becomes readable when it shall stop
  FileDescriptor spare_;  // given up to turn somebody away when there is no other
  OpenConnections open_;
  std::chrono::steady_clock::time_point swept_{};
  std::thread thread_;
};

// How many connections may be open, so that `kept` descriptors are left for everything else; at most `wanted`,
// at least 1.
std::uint32_t DescriptorsForConnections(std::uint32_t wanted, std::uint64_t descriptors_max);

}  // namespace kulanz::rpc
