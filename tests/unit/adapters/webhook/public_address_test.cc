#include "service/adapters/webhook/public_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace kulanz::adapters {
namespace {

bool IsPublic(const std::string& text) {
  sockaddr_storage storage{};
  const bool is_v6 = text.find(':') != std::string::npos;
  sockaddr_in in{};
  sockaddr_in6 in6{};
  in.sin_family = AF_INET;
  in6.sin6_family = AF_INET6;
  EXPECT_EQ(is_v6 ? inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr)
                  : inet_pton(AF_INET, text.c_str(), &in.sin_addr),
            1)
      << text;
  if (is_v6) {
    std::memcpy(&storage, &in6, sizeof in6);
  } else {
    std::memcpy(&storage, &in, sizeof in);
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the sockets API wants it
  return IsPublicAddress(reinterpret_cast<const sockaddr&>(storage));
}

TEST(PublicAddressTest, NeighboursAreNotPublicToTheirLastAddress) {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.170",
                           "192.0.2.1",
                           "192.168.0.0",
                           "192.168.255.255",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.7",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "64:ff9b::7f00:1",
                           "2002:7f00:1::",
                           "2002:a00:1::1",
                           "fe80::1",
                           "fc00::1",
                           "fdff::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "3fff::1",
                           "100::1",
                           "::127.0.0.1"}) {
    EXPECT_FALSE(IsPublic(text)) << text;
  }
}

TEST(PublicAddressTest, TheRestIs) {
  for (const char* text :
       {"1.1.1.1",        "9.255.255.255",        "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",    "126.255.255.255",      "128.0.0.1",       "169.253.255.255",
        "172.15.255.255", "172.32.0.0",           "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0",           "223.255.255.255", "2a00::1",
        "2600::1",        "2001:4860:4860::8888", "::ffff:1.1.1.1",  "64:ff9b::101:101",
        "2002:101:101::1"}) {
    EXPECT_TRUE(IsPublic(text)) << text;
  }
}

TEST(PublicAddressTest, OtherFamiliesAreNot) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_FALSE(IsPublicAddress(address));
}

}  // namespace
}  // namespace kulanz::adapters
