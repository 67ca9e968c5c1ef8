#include "service/adapters/grpc/open_connections.h"

#include <netinet/in.h>

#include <array>
#include <cstddef>

namespace kulanz::rpc {
namespace {

// 0: not a socket any more.
std::uint64_t CookieOf(int socket) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

std::string Bytes(const void* first, std::size_t count) {
  return {static_cast<const char*>(first), count};
}

}  // namespace

OpenConnections::Room OpenConnections::RoomFor(const std::string& address) const {
  if (connections_.size() >= limits_.connections_max) {
    return Room::kFull;
  }
  const auto found = per_address_.find(address);
  const bool full =
      !address.empty() && found != per_address_.end() && found->second >= limits_.per_address_max;
  return full ? Room::kFullForAddress : Room::kYes;
}

void OpenConnections::Add(int socket, const std::string& address) {
  const auto [place, is_new] = connections_.try_emplace(socket);
  if (!is_new) {  // The descriptor was given out again: what had it has ended.
    Forget(place->second.address);
  }
  place->second = {CookieOf(socket), address};
  ++per_address_[address];
}

void OpenConnections::Sweep() {
  std::erase_if(connections_, [this](const auto& entry) {
    const bool ended = CookieOf(entry.first) != entry.second.cookie;
    if (ended) {
      Forget(entry.second.address);
    }
    return ended;
  });
}

void OpenConnections::Forget(const std::string& address) {
  if (const auto found = per_address_.find(address); --found->second == 0) {
    per_address_.erase(found);
  }
}

std::string AddressKey(const sockaddr_storage& peer) {
  constexpr std::size_t kNetworkBytes = 8;
  constexpr std::size_t kIpv4Bytes = 4;
  if (peer.ss_family == AF_INET) {
    return Bytes(&reinterpret_cast<const sockaddr_in&>(peer).sin_addr, kIpv4Bytes);
  }
  if (peer.ss_family == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    return IN6_IS_ADDR_V4MAPPED(&address) ? Bytes(&address.s6_addr[12], kIpv4Bytes)
                                          : Bytes(&address, kNetworkBytes);
  }
  return "";
}

}  // namespace kulanz::rpc
