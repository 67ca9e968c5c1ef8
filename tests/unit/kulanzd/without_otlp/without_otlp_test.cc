// A kulanzd that was built with KULANZ_OTLP=OFF: it starts without traces, and says so where some are asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "service/kulanzd/trace_access.h"

namespace kulanz::server {
namespace {

using ::testing::HasSubstr;

TEST(WithoutOtlpTest, WhereNoTracesAreAskedForNothingIsWrong) {
  unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");  // NOLINT(concurrency-mt-unsafe): one thread
  TraceAccess access;
  EXPECT_EQ(Understand(access), "");
  EXPECT_FALSE(access.sends());
}

TEST(WithoutOtlpTest, WhereSomeAreItRefuses) {
  TraceAccess access{
      .endpoint = "https://collector", .service_name = "", .ca_file = "", .headers_file = ""};
  EXPECT_THAT(Understand(access),
              HasSubstr("--otlp-endpoint: this kulanzd was built without OTLP (KULANZ_OTLP=OFF)"));
  ports::NullLog log;
  class Telemetry final : public ports::SpanTelemetry {
    void SpansHandled(std::string_view, std::uint64_t) override {}
  } telemetry;
  EXPECT_EQ(OpenTraceReceiver(access, "1", telemetry, log).status().reason(), "NO_OTLP");
}

}  // namespace
}  // namespace kulanz::server
