#include "service/adapters/redis/options.h"

#include "tests/support/status_matchers.h"

namespace kulanz::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::StatusIs;

TEST(RedisUrlTest, ATcpAddressHasDefaults) {
  ASSERT_OK_AND_ASSIGN(const RedisAddress address, ParseRedisUrl("redis://cache.example"));
  EXPECT_EQ(address.host, "cache.example");
  EXPECT_EQ(address.port, 6379);
  EXPECT_EQ(address.database, 0);
  EXPECT_EQ(address.user, "");
  EXPECT_EQ(address.password, "");
  EXPECT_EQ(address.unix_path, "");
}

TEST(RedisUrlTest, EveryPartCanBeNamed) {
  ASSERT_OK_AND_ASSIGN(
      const RedisAddress address,
      ParseRedisUrl("redis://me:p%40ss:w@[::1]:7000/12"));  // tidy-ok(port): parsed only
  EXPECT_EQ(address.host, "::1");
  EXPECT_EQ(address.port, 7000);
  EXPECT_EQ(address.database, 12);
  EXPECT_EQ(address.user, "me");
  EXPECT_EQ(address.password, "p@ss:w");
  EXPECT_EQ(address.ToString(), "redis://[::1]:7000/12");  // tidy-ok(port): parsed only
}

TEST(RedisUrlTest, APasswordMayStandAlone) {
  for (const std::string_view url : {"redis://:pass@host", "redis://pass@host"}) {
    ASSERT_OK_AND_ASSIGN(const RedisAddress address, ParseRedisUrl(url));
    EXPECT_EQ(address.user, "");
    EXPECT_EQ(address.password, "pass");
    EXPECT_EQ(address.ToString(), "redis://host:6379/0");
  }
}

TEST(RedisUrlTest, AnAtSignInThePasswordIsPartOfIt) {
  ASSERT_OK_AND_ASSIGN(const RedisAddress address, ParseRedisUrl("redis://u:a@b@host/"));
  EXPECT_EQ(address.password, "a@b");
  EXPECT_EQ(address.host, "host");
}

TEST(RedisUrlTest, AUnixSocketIsAnAbsolutePathOfAtMost107Bytes) {
  ASSERT_OK_AND_ASSIGN(const RedisAddress address, ParseRedisUrl("unix:///run/redis.sock"));
  EXPECT_EQ(address.unix_path, "/run/redis.sock");
  EXPECT_EQ(address.ToString(), "unix:///run/redis.sock");
  const std::string longest = "unix:///" + std::string(106, 'p');
  EXPECT_THAT(ParseRedisUrl(longest), testing::IsOk());
  EXPECT_THAT(ParseRedisUrl(longest + "p"), StatusIs(Code::kInvalidArgument, "REDIS_URL"));
}

TEST(RedisUrlTest, WhatIsWrongIsSaidWithoutThePassword) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "redis://host"},
      {"localhost:6379", "redis://host"},  // tidy-ok(port): parsed only
      {"http://host", "redis://host"},
      {"rediss://u:s3cret@host", "TLS"},
      {"redis://", "host is missing"},
      {"redis://u:s3cret@", "host is missing"},
      {"redis://u:s3cret@:6379", "host is missing"},
      {"redis://u:s3cret@host:", "port"},
      {"redis://u:s3cret@host:0", "port"},
      {"redis://u:s3cret@host:65536", "port"},
      {"redis://u:s3cret@host:1x", "port"},
      {"redis://u:s3cret@host/x", "database"},
      {"redis://u:s3cret@host/-1", "database"},
      {"redis://u:s3cret@host/16384", "database"},
      {"redis://u:s3cret%4@host", "'%'"},
      {"redis://u:s3cret%zz@host", "'%'"},
      {"redis://u:@host", "password before '@' is empty"},
      {"redis://@host", "password before '@' is empty"},
      {"redis://[::1", "']'"},
      {"redis://[::1]6379", "']'"},
      {"redis://u:s3cret@host/0?timeout=1", "'?'"},
      {"unix://relative", "absolute path"},
      {"unix://", "absolute path"},
  };
  for (const auto& [url, words] : cases) {
    const auto address = ParseRedisUrl(url);
    EXPECT_THAT(address, StatusIs(Code::kInvalidArgument, "REDIS_URL")) << url;
    EXPECT_THAT(address.status().message(), HasSubstr(words)) << url;
    EXPECT_THAT(address.status().message(), Not(HasSubstr("s3cret"))) << url;
  }
}

}  // namespace
}  // namespace kulanz::redis
