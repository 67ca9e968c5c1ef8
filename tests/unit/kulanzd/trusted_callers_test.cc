// Which addresses --trusted-callers names.
#include "service/kulanzd/trusted_callers.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace kulanz::server {
namespace {

bool Trusts(const std::string& text, const std::string& address, const std::string& id = "x") {
  const auto callers = TrustedCallers::Parse(text);
  EXPECT_TRUE(callers.ok()) << text;
  return callers.ok() && callers->IsTrusted({id, address});
}

TEST(TrustedCallersTest, AllAndNone) {
  for (const char* address : {"10.0.0.5", "2001:db8::1", ""}) {
    EXPECT_TRUE(Trusts("all", address));
    EXPECT_FALSE(Trusts("none", address));
  }
}

TEST(TrustedCallersTest, AddressesAndNetworks) {
  EXPECT_TRUE(Trusts("10.0.0.5", "10.0.0.5"));
  EXPECT_FALSE(Trusts("10.0.0.5", "10.0.0.4"));
  EXPECT_TRUE(Trusts("10.1.0.0/16", "10.1.255.255"));
  EXPECT_FALSE(Trusts("10.1.0.0/16", "10.2.0.0"));
  EXPECT_TRUE(Trusts("10.1.2.3/0", "192.168.0.1"));
  EXPECT_FALSE(Trusts("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(Trusts("10.0.0.5,2001:db8::/32", "2001:db8:1::9"));
  EXPECT_FALSE(Trusts("10.0.0.5,2001:db8::/32", "2001:db9::"));
  EXPECT_TRUE(Trusts("2001:db8::1/128", "2001:db8:0::1"));
}

TEST(TrustedCallersTest, LocalIsWhoHasNoAddress) {
  EXPECT_TRUE(Trusts("local", "", "unix"));
  EXPECT_TRUE(Trusts("10.0.0.5,local", "", "inproc"));
  EXPECT_FALSE(Trusts("local", "", "whatever"));
  EXPECT_FALSE(Trusts("local", "127.0.0.1"));
  EXPECT_FALSE(Trusts("127.0.0.1", "", "unix"));
}

TEST(TrustedCallersTest, LoopbackIsThisMachine) {
  EXPECT_TRUE(Trusts("loopback", "127.0.0.1"));
  EXPECT_TRUE(Trusts("loopback", "127.8.0.1"));
  EXPECT_TRUE(Trusts("10.0.0.5,loopback", "::1"));
  EXPECT_TRUE(Trusts("loopback", "", "unix"));
  EXPECT_FALSE(Trusts("loopback", "126.0.0.1"));
  EXPECT_FALSE(Trusts("loopback", "::2"));
  EXPECT_FALSE(Trusts("loopback", "192.168.0.1"));
}

TEST(TrustedCallersTest, WhatIsNoneOfTheseIsNamed) {
  for (const std::string bad :
       {"", "10.0.0", "10.0.0.5/33", "10.0.0.5/-1", "10.0.0.5/", "2001:db8::/129", "localhost",
        "10.0.0.5,", "10.0.0.5 ,local", "all,local", "ALL"}) {
    const auto callers = TrustedCallers::Parse(bad);
    ASSERT_FALSE(callers.ok()) << bad;
    EXPECT_EQ(callers.status().reason(), "TRUSTED_CALLERS");
  }
}

}  // namespace
}  // namespace kulanz::server
