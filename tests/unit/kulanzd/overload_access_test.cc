// What operators say of load and connections: what is understood, and what is refused with the option's name.
#include "service/kulanzd/overload_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/kulanzd/config.h"

namespace kulanz::server {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

ParsedConfig Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--store", "memory"});
  return ParseConfig(arguments);
}

TEST(OverloadAccessTest, HalfOfTheConnectionsAreForOneAddressUnlessSaidOtherwise) {
  EXPECT_EQ(Parse({}).config.overload.connections.per_address_max, 2'000U);
  EXPECT_EQ(Parse({"--connections-max", "1"}).config.overload.connections.per_address_max, 1U);
  EXPECT_EQ(Parse({"--connections-max", "10", "--connections-per-address", "10"})
                .config.overload.connections.per_address_max,
            10U);
}

TEST(OverloadAccessTest, DurationsAndSizesAreUnderstood) {
  const auto parsed =
      Parse({"--connection-age", "1h", "--connection-age-grace", "0s", "--connection-idle", "90s",
             "--self-probe", "250ms", "--transport-memory-mb", "64", "--no-adaptive-limit"});
  ASSERT_TRUE(parsed.serve) << parsed.text;
  const OverloadAccess& overload = parsed.config.overload;
  EXPECT_EQ(overload.transport.age_max, milliseconds(3'600'000));
  EXPECT_EQ(overload.transport.age_grace, milliseconds(0));
  EXPECT_EQ(overload.transport.idle_max, milliseconds(90'000));
  EXPECT_EQ(overload.probe.pause, milliseconds(250));
  EXPECT_EQ(overload.transport.memory_bytes, 64U << 20U);
  EXPECT_FALSE(overload.calls.adaptive);
}

TEST(OverloadAccessTest, EverythingThatIsWrongIsNamedAtOnce) {
  const auto parsed =
      Parse({"--connection-age", "10ms", "--connection-idle", "soon", "--self-probe", "2d",
             "--calls-in-flight-min", "100", "--calls-in-flight-max", "99"});
  EXPECT_FALSE(parsed.serve);
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.text,
              AllOf(HasSubstr("--connection-age must be"), HasSubstr("--connection-idle: 'soon'"),
                    HasSubstr("--self-probe must be"),
                    HasSubstr("--calls-in-flight-min must not be more")));
}

TEST(OverloadAccessTest, NumbersOutOfRangeAreRefused) {
  for (const char* option : {"--calls-in-flight-max", "--calls-in-flight-min", "--connections-max",
                             "--streams-per-connection", "--transport-memory-mb"}) {
    for (const char* value : {"0", "-1", "10000001", "many"}) {
      EXPECT_EQ(Parse({option, value}).exit_code, 2) << option << " " << value;
    }
  }
}

}  // namespace
}  // namespace kulanz::server
