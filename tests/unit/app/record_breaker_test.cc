// The record of a breaker: what is written is read again, and nothing else is.

#include "service/app/record_breaker.h"

#include <gtest/gtest.h>

#include "service/app/keys.h"
#include "tests/support/status_matchers.h"

namespace kulanz::app {
namespace {

using kulanz::testing::StatusIs;

const Keys kKeys(16);
const ports::Key kKey = kKeys.Breaker("type/late_delivery");

StoredBreaker Full() {
  const Instant at = *ParseInstant("2026-10-15T12:00:00Z");
  return {.name = "type/late_delivery",
          .currency = "EUR",
          .window = {{at, {3, 1500}}, {at + std::chrono::minutes(1), {-1, -500}}},
          .trip = BreakerTrip{at, {4, 2000}},
          .release = BreakerRelease{.request_id = "rel-1",
                                    .at = at,
                                    .per_minute = 60,
                                    .dismiss = true,
                                    .worker = "w",
                                    .lease_until = at + std::chrono::seconds(15),
                                    .paced_until = at + std::chrono::seconds(1),
                                    .done = true}};
}

TEST(RecordBreakerTest, EverythingComesBack) {
  const RecordCodec codec(HmacKey(std::string(32, 'm')));
  const StoredBreaker breaker = Full();
  ASSERT_OK_AND_ASSIGN(const StoredBreaker read,
                       DecodeBreaker(codec, kKey, Encode(codec, kKey, breaker)));
  EXPECT_EQ(read, breaker);
  ASSERT_OK_AND_ASSIGN(const StoredBreaker none, DecodeBreaker(codec, kKey, ""));
  EXPECT_EQ(none, StoredBreaker{});
}

TEST(RecordBreakerTest, WhatIsMovedDamagedOrNoBreakerIsCorrupt) {
  const RecordCodec codec(HmacKey(std::string(32, 'm')));
  const std::string stored = Encode(codec, kKey, Full());
  EXPECT_THAT(DecodeBreaker(codec, kKeys.Breaker("type/other"), stored).status(),
              StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
  EXPECT_THAT(DecodeBreaker(codec, kKey, stored.substr(0, stored.size() - 1)).status(),
              StatusIs(Code::kDataLoss, "RECORD_CORRUPT"));
  EXPECT_THAT(DecodeBreaker(codec, kKey, codec.Seal(kKey, "")).status(),
              StatusIs(Code::kDataLoss, "RECORD_CORRUPT"))
      << "one without a name";
}

}  // namespace
}  // namespace kulanz::app
