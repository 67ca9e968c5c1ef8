// Whether an address is one of the public Internet, where a webhook may be sent.
//
// Whoever may name a URL could otherwise have this server ask its neighbours: databases, cloud metadata,
// itself. Names are no protection, they resolve to what their owner likes; so the address that is connected to is
// judged, at the moment of connecting.
//
// Thread-safe; pure.
#pragma once

#include <sys/socket.h>

namespace kulanz::adapters {

// False for loopback, private, link-local, shared (carrier) and benchmarking networks, multicast, broadcast,
// documentation and reserved ones; for IPv6 addresses that carry an IPv4 address (mapped, 6to4, NAT64), as that
// one is; and for every family but IPv4 and IPv6.
bool IsPublicAddress(const sockaddr& address);

}  // namespace kulanz::adapters
