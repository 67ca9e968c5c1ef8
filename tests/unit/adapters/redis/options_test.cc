#include "service/adapters/redis/options.h"

#include "tests/support/status_matchers.h"

namespace kulanz::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::StatusIs;

std::string ManyHosts(int count) {
  std::string hosts = "host";
  for (int more = 1; more < count; ++more) {
    hosts += ",host";
  }
  return hosts;
}

TEST(RedisUrlTest, SentinelsAreNamedWithTheirMaster) {
  ASSERT_OK_AND_ASSIGN(const RedisAddress address,
                       ParseRedisUrl("redis+sentinel://me:pw@one,[2::1]:7000,three:1/main/3"));
  EXPECT_EQ(address.topology, Topology::kSentinel);
  EXPECT_FALSE(address.tls);
  EXPECT_EQ(address.seeds, (std::vector<Endpoint>{{"one", 26379}, {"2::1", 7000}, {"three", 1}}));
  EXPECT_EQ(address.master_name, "main");
  EXPECT_EQ(address.database, 3);
  EXPECT_EQ(address.user, "me");
  EXPECT_THAT(address.Validate(), testing::IsOk());
  EXPECT_EQ(address.ToString(), "redis+sentinel://one:26379,[2::1]:7000,three:1/main/3");
  // A Sentinel gets neither the database nor the password of the master.
  const RedisAddress sentinel = address.AtSentinel(address.seeds[0]);
  EXPECT_EQ(sentinel.ToString(), "redis://one:26379/0");
  EXPECT_EQ(sentinel.password, "");
  const RedisAddress master = address.At({"ten", 10});
  EXPECT_EQ(master.ToString(), "redis://ten:10/3");
  EXPECT_EQ(master.password, "pw");
}

TEST(RedisUrlTest, AClusterIsNamedBySomeOfItsNodes) {
  ASSERT_OK_AND_ASSIGN(const RedisAddress address, ParseRedisUrl("rediss+cluster://one,two:7000/"));
  EXPECT_EQ(address.topology, Topology::kCluster);
  EXPECT_TRUE(address.tls);
  EXPECT_EQ(address.seeds, (std::vector<Endpoint>{{"one", 6379}, {"two", 7000}}));
  EXPECT_EQ(address.ToString(), "rediss+cluster://one:6379,two:7000");
  EXPECT_THAT(address.Validate(), testing::IsOk());
  EXPECT_THAT(ParseRedisUrl("redis+cluster://" + ManyHosts(32)), testing::IsOk());
}

TEST(RedisAddressTest, WhatDoesNotGoTogetherIsRefused) {
  const auto refused = StatusIs(Code::kInvalidArgument, "REDIS_OPTIONS");
  const auto parsed = [](std::string_view url) { return *ParseRedisUrl(url); };
  RedisAddress address = parsed("redis://host");
  EXPECT_THAT(address.Validate(), testing::IsOk());
  address.user = "somebody";
  EXPECT_THAT(address.Validate(), refused) << "without a password";
  address.password_file = "file";
  EXPECT_THAT(address.Validate(), testing::IsOk());
  address.password = "word";
  EXPECT_THAT(address.Validate(), refused) << "two passwords";
  address = parsed("redis://host");
  address.tls_options.ca_file = "ca.pem";
  EXPECT_THAT(address.Validate(), refused) << "certificates without TLS";
  address = parsed("rediss://host");
  address.tls_options.certificate_file = "mine.pem";
  EXPECT_THAT(address.Validate(), refused) << "a certificate without its key";
  address = parsed("unix:///socket");
  address.tls = true;
  EXPECT_THAT(address.Validate(), refused) << "TLS on a Unix socket";
  address = parsed("redis+cluster://host");
  address.sentinel_password_file = "file";
  EXPECT_THAT(address.Validate(), refused) << "Sentinels of a cluster";
  address = parsed("redis+cluster://host");
  address.database = 1;
  EXPECT_THAT(address.Validate(), refused) << "databases of a cluster";
  address = parsed("redis+cluster://host");
  address.seeds.clear();
  EXPECT_THAT(address.Validate(), refused) << "no nodes";
}

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
      {"rediss://u:s3cret@", "host is missing"},
      {"redis+sentinel://u:s3cret@host", "name of the master"},
      {"redis+sentinel://u:s3cret@host/", "name of the master"},
      {"redis+sentinel://u:s3cret@host,/main", "host is missing"},
      {"redis+sentinel://u:s3cret@host:0,other/main", "port"},
      {"redis+sentinel://u:s3cret@host/main/x", "database"},
      {"redis+sentinel://u:s3cret@host/" + std::string(129, 'm'), "128 bytes"},
      {"redis+cluster://u:s3cret@host/0", "no database"},
      {"redis+cluster://u:s3cret@", "host is missing"},
      {"redis+cluster://" + ManyHosts(33), "kSeedsMax of 32"},
      {"redis://:" + std::string(1025, 'p') + "@host", "1024 bytes"},
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
