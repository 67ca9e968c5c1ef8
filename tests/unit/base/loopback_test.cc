#include "service/base/loopback.h"

#include <gtest/gtest.h>

#include <string>

namespace kulanz {
namespace {

TEST(LoopbackTest, AddressesOfThisMachineAndItsName) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "127.255.255.254", "::1", "[::1]",
                           "[0:0:0:0:0:0:0:1]"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
}

TEST(LoopbackTest, ANameThatLooksLikeOneIsAName) {
  for (const char* host :
       {"127.evil.example", "127.0.0.1.evil.example", "127.", "127.1", "127.0.0.1 ", "127.0.0.256",
        "localhost.evil.example", "notlocalhost", ""}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
  EXPECT_FALSE(IsLoopbackHost(std::string("127.0.0.1\0.evil.example", 23)));
}

TEST(LoopbackTest, OtherAddressesAreNot) {
  for (const char* host : {"128.0.0.1", "0.0.0.0", "::", "[::]", "::2", "10.127.0.1", "[127.0.0.1]",
                           "[::1", "[]", "[localhost]", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

}  // namespace
}  // namespace kulanz
