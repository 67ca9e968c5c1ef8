// Spans as OTLP's JSON, byte by byte; and where they may be sent.

#include "service/adapters/otlp/trace_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "service/adapters/curl/http_url.h"
#include "service/adapters/otlp/otlp_client.h"
#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::StatusIs;

ports::Span Redemption() {
  return {.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
          .span_id = "00f067aa0ba902b7",
          .parent_span_id = "b7ad6b7169203331",
          .service = "kulanz.v1.VoucherService",
          .method = "RedeemVoucher",
          .start_ns = 1'797'776'000'123'456'789,
          .end_ns = std::numeric_limits<std::int64_t>::max(),
          .status_code = 0};
}

TEST(TraceJsonTest, IsTheSpecificationsMapping) {
  const TraceResource resource{"kulanz", "1.2.3", "pod-1:7"};
  const std::vector spans = {Redemption()};
  EXPECT_EQ(TraceJson(resource, spans),
            R"({"resourceSpans":[{"resource":{"attributes":[)"
            R"({"key":"service.name","value":{"stringValue":"kulanz"}},)"
            R"({"key":"service.version","value":{"stringValue":"1.2.3"}},)"
            R"({"key":"service.instance.id","value":{"stringValue":"pod-1:7"}}]},)"
            R"("scopeSpans":[{"scope":{"name":"kulanz","version":"1.2.3"},"spans":[{)"
            R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",)"
            R"("parentSpanId":"b7ad6b7169203331","flags":769,)"
            R"("name":"kulanz.v1.VoucherService/RedeemVoucher","kind":2,)"
            R"("startTimeUnixNano":"1797776000123456789","endTimeUnixNano":"9223372036854775807",)"
            R"("attributes":[{"key":"rpc.system","value":{"stringValue":"grpc"}},)"
            R"({"key":"rpc.service","value":{"stringValue":"kulanz.v1.VoucherService"}},)"
            R"({"key":"rpc.method","value":{"stringValue":"RedeemVoucher"}},)"
            R"({"key":"rpc.grpc.status_code","value":{"intValue":"0"}}],"status":{}}],)"
            R"("schemaUrl":"https://opentelemetry.io/schemas/1.37.0"}],)"
            R"("schemaUrl":"https://opentelemetry.io/schemas/1.37.0"}]})");
}

TEST(TraceJsonTest, ARootHasNoParentAndAFailureItsReason) {
  ports::Span span = Redemption();
  span.parent_span_id.clear();
  span.status_code = 14;
  span.reason = "STORE_UNREACHABLE";
  const std::vector spans = {span, Redemption()};
  const std::string json = TraceJson({}, spans);
  EXPECT_NE(json.find(R"("spanId":"00f067aa0ba902b7","flags":257,)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"({"key":"kulanz.reason","value":{"stringValue":"STORE_UNREACHABLE"}}],)"
                      R"("status":{"code":2}},{"traceId")"),
            std::string::npos)
      << json;
}

TEST(TraceJsonTest, TheCallersMistakesAreNoErrorsOfTheServer) {
  for (const int code : {2, 4, 12, 13, 14, 15}) {
    EXPECT_TRUE(IsServerError(code)) << code;
  }
  for (const int code : {0, 1, 3, 5, 6, 7, 8, 9, 10, 11, 16}) {
    EXPECT_FALSE(IsServerError(code)) << code;
  }
}

TEST(OtlpUrlTest, WhatCannotBePostedToIsRefused) {
  for (const char* url : {"http://collector/v1/traces", "https://collector.example/v1/traces",
                          "http://[::1]/v1/traces"}) {
    EXPECT_TRUE(CheckOtlpUrl(url).ok()) << url;
  }
  for (const std::string& url :
       {std::string("collector:4318/v1/traces"), std::string("ftp://x/"), std::string("/v1/traces"),
        std::string("http://user:pw@x/"), std::string("https://:pw@x/"), std::string("http://x y/"),
        std::string("http://\xC3\xA4/"), "http://x/" + std::string(kHttpUrlBytesMax, 'a')}) {
    EXPECT_THAT(CheckOtlpUrl(url), StatusIs(Code::kInvalidArgument, "OTLP_URL")) << url;
  }
  const Status secret = CheckOtlpUrl("http://user:pw@x/");
  EXPECT_EQ(secret.message().find("pw"), std::string::npos) << "passwords are not repeated";
}

}  // namespace
}  // namespace kulanz::adapters
