// Which traces and request ids come into the log, and which do not.
#include "service/adapters/grpc/access_log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "service/adapters/grpc/trace_parent.h"
#include "service/domain/voucher_code.h"

namespace kulanz::rpc {
namespace {

constexpr std::string_view kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

TEST(TraceParentTest, TheTraceIsRead) {
  EXPECT_EQ(TraceIdOf("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), kTrace);
  EXPECT_EQ(TraceIdOf("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"), kTrace);
  // Of a later version.
  EXPECT_EQ(TraceIdOf("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"), kTrace);
}

TEST(TraceParentTest, TheCallersSpanAndItsDecisionAreRead) {
  const std::string begin = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";
  for (const char* sampled : {"01", "03", "ff", "0d"}) {
    const std::string text = begin + sampled;
    const auto parent = ParseTraceParent(text);
    ASSERT_TRUE(parent) << sampled;
    EXPECT_EQ(parent->trace_id, kTrace);
    EXPECT_EQ(parent->span_id, "00f067aa0ba902b7");
    EXPECT_TRUE(parent->is_sampled) << sampled;
  }
  for (const char* not_sampled : {"00", "02", "fe", "10"}) {
    const std::string text = begin + not_sampled;
    const auto parent = ParseTraceParent(text);
    ASSERT_TRUE(parent) << not_sampled;
    EXPECT_FALSE(parent->is_sampled) << not_sampled;
  }
}

TEST(TraceParentTest, WhatIsNoneByTheGrammarIsNone) {
  for (const std::string_view text : {
           "",
           "00",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",  // not in version 00
           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz",
           "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
       }) {
    EXPECT_EQ(TraceIdOf(text), "") << text;
  }
}

TEST(RequestIdForLogsTest, AVoucherCodeIsNoRequestId) {
  const VoucherCode code = VoucherCode::Make(7, std::vector<std::uint8_t>(32, 0x5A));
  const VoucherCode longer =
      VoucherCode::Make(7, std::vector<std::uint8_t>(32, 0x5A), VoucherCode::Length::kLong);
  for (const std::string& text :
       {code.Reveal(), code.Reveal("SORRY"), std::string(code.canonical()), longer.Reveal(),
        longer.Reveal("SORRY"), std::string(longer.canonical()),
        "SORRY" + std::string(code.canonical()), "2SORRY" + std::string(longer.canonical())}) {
    EXPECT_EQ(RequestIdForLogs(text), "redacted");
  }
}

TEST(RequestIdForLogsTest, WhatProgramsMakeUpIsKept) {
  for (const char* text : {"f47ac10b-58cc-4372-a567-0e02b2c3d479", "checkout/4711", "r-1",
                           "4bf92f3577b34da6a3ce929d0e0e4736"}) {
    EXPECT_EQ(RequestIdForLogs(text), text);
  }
}

}  // namespace
}  // namespace kulanz::rpc
