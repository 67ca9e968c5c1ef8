#include "service/adapters/webhook/public_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace kulanz::adapters {
namespace {

struct Network4 {
  std::uint32_t first;
  int bits;
};

// IANA's special-purpose registry for IPv4 (RFC 6890 and its successors), and multicast.
constexpr std::array<Network4, 15> kNotPublic4 = {{
    {0x00000000, 8},   // this host
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared, carrier-grade NAT
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local: cloud metadata
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarking
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
}};

bool IsPublic4(std::uint32_t address) {
  return std::none_of(kNotPublic4.begin(), kNotPublic4.end(), [address](const Network4& network) {
    return (address >> (32 - network.bits)) == (network.first >> (32 - network.bits));
  });
}

using Bytes6 = std::array<std::uint8_t, 16>;

std::uint32_t Word(const Bytes6& bytes, std::size_t at) {
  return (std::uint32_t{bytes.at(at)} << 24U) | (std::uint32_t{bytes.at(at + 1)} << 16U) |
         (std::uint32_t{bytes.at(at + 2)} << 8U) | std::uint32_t{bytes.at(at + 3)};
}

bool IsPublic6(const Bytes6& bytes) {
  const std::uint32_t first = Word(bytes, 0);
  if (first == 0x0064FF9B && Word(bytes, 4) == 0 && Word(bytes, 8) == 0) {
    return IsPublic4(Word(bytes, 12));  // NAT64
  }
  if (first >> 16U == 0x2002) return IsPublic4((first << 16U) | (Word(bytes, 4) >> 16U));  // 6to4
  if (first == 0 && Word(bytes, 4) == 0 && Word(bytes, 8) == 0x0000FFFF) {
    return IsPublic4(Word(bytes, 12));  // mapped
  }
  // Of what is left only 2000::/3 is global unicast.
  const bool documentation = first == 0x20010DB8 || first >> 12U == 0x3FFF0;
  const bool assignments = first >> 9U == 0x20010000U >> 9U;  // 2001::/23: Teredo, ORCHID, ...
  return first >> 29U == 1 && !documentation && !assignments;
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return IsPublic4(ntohl(in.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    Bytes6 bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return IsPublic6(bytes);
  }
  return false;
}

}  // namespace kulanz::adapters
