// Whom a connection's peer is taken for.
#include "service/adapters/grpc/caller.h"

#include <gtest/gtest.h>

namespace kulanz::rpc {
namespace {

TEST(CallerTest, IsTheAddressWithoutThePort) {
  EXPECT_EQ(CallerFromPeer("ipv4:10.0.0.5:4711").id, "ipv4:10.0.0.5");
  EXPECT_EQ(CallerFromPeer("ipv4:10.0.0.5:4711").address, "10.0.0.5");
  EXPECT_EQ(CallerFromPeer("unix:/run/kulanz.sock").id, "unix");
  EXPECT_EQ(CallerFromPeer("unix:").id, "unix");
  EXPECT_EQ(CallerFromPeer("inproc").id, "inproc");
  EXPECT_EQ(CallerFromPeer("inproc").address, "");
}

TEST(CallerTest, OneUserOfIpv6IsOneCallerWhateverAddressTheyTake) {
  const auto caller = CallerFromPeer("ipv6:%5B2001:db8:1:2:3:4:5:6%5D:4711");
  EXPECT_EQ(caller.id, "ipv6:2001:db8:1:2::/64");
  EXPECT_EQ(caller.address, "2001:db8:1:2:3:4:5:6");
  EXPECT_EQ(CallerFromPeer("ipv6:[2001:db8:1:2:ffff::1]:4711").id, caller.id);
  EXPECT_NE(CallerFromPeer("ipv6:[2001:db8:1:3::1]:4711").id, caller.id);
  EXPECT_EQ(CallerFromPeer("ipv6:%5Bfe80::1%25eth0%5D:1").address, "fe80::1");
  EXPECT_EQ(CallerFromPeer("ipv6:[::ffff:10.0.0.5]:4711").id, "ipv4:10.0.0.5");
}

TEST(CallerTest, WhatIsNoAddressIsStillSomebodyWithoutTrust) {
  for (const char* peer : {"", "ipv6:", "ipv6:[", "ipv6:[nonsense]:1", "whatever"}) {
    EXPECT_EQ(CallerFromPeer(peer).address, "") << peer;
  }
}

}  // namespace
}  // namespace kulanz::rpc
