// OpenConnections: which of the connections that gRPC was given are still open, and whose they are.
//
// gRPC closes connections by itself and tells nobody. But the kernel gives every socket a cookie that no other
// ever gets (SO_COOKIE): a descriptor that is closed by now, or somebody else's, does not have the one that was
// noted. So those that have ended are found by asking, when room is needed and once a while.
//
// Thread-safety: none.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <unordered_map>

namespace kulanz::rpc {

struct ConnectionLimits {
  std::uint32_t connections_max = 4'000;
  // From one IPv4 address, or one IPv6 network of 64 bits, which one user can fill. Of Unix sockets all.
  std::uint32_t per_address_max = 2'000;
};

class OpenConnections {
 public:
  explicit OpenConnections(const ConnectionLimits& limits) : limits_(limits) {}

  enum class Room : std::uint8_t { kYes, kFull, kFullForAddress };
  // Whether one more from `address` (AddressKey) has a place, by what is known.
  Room RoomFor(const std::string& address) const;
  // Notes a connection; `socket` is not owned.
  void Add(int socket, const std::string& address);
  // Forgets those that have ended.
  void Sweep();

  std::uint32_t count() const { return static_cast<std::uint32_t>(connections_.size()); }

 private:
  struct Connection {
    std::uint64_t cookie = 0;
    std::string address;
  };
  void Forget(const std::string& address);

  const ConnectionLimits limits_;
  std::unordered_map<int, Connection> connections_;  // by descriptor
  std::unordered_map<std::string, std::uint32_t> per_address_;
};

// What connections are counted by: the bytes of an IPv4 address or of an IPv6 network; empty: none.
std::string AddressKey(const sockaddr_storage& peer);

}  // namespace kulanz::rpc
