#include "service/app/record_known_fields.h"

#include <gtest/gtest.h>

#include <string>

#include "kulanz/record/v1/record.pb.h"
#include "service/app/keys.h"
#include "service/app/record_budget.h"
#include "service/app/record_codec.h"
#include "service/app/record_events.h"
#include "service/app/record_pool.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/newer_record.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;
using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

void WriteVarint(std::string& out, std::uint64_t value) {
  while (value >= 0x80U) {
    out += static_cast<char>((value & 0x7fU) | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

// `content` as field `number`, a message.
std::string Nested(int number, const std::string& content) {
  std::string out;
  WriteVarint(out, (static_cast<std::uint64_t>(number) << 3U) | 2U);
  WriteVarint(out, content.size());
  return out + content;
}

const auto kNewer = StatusIs(Code::kUnavailable, "RECORD_NEWER");

TEST(KnownFieldsTest, WhatThisVersionWritesItKnows) {
  pb::Customer customer;
  customer.set_id("C-1");
  customer.mutable_lifetime_value()->set_currency("EUR");
  (*customer.mutable_attributes())["size"] = "M";
  customer.add_tags("a");
  EXPECT_THAT(CheckFieldsAreKnown<pb::Customer>(customer.SerializeAsString()), IsOk());
  EXPECT_THAT(CheckFieldsAreKnown<pb::Customer>(""), IsOk());
}

TEST(KnownFieldsTest, AFieldOfANewerVersionIsFoundAtAnyDepth) {
  const std::string newer(kNewerField);
  EXPECT_THAT(CheckFieldsAreKnown<pb::Decision>(newer), kNewer);
  // Of the incident, of its order, of that order's total.
  EXPECT_THAT(CheckFieldsAreKnown<pb::Decision>(Nested(1, newer)), kNewer);
  EXPECT_THAT(CheckFieldsAreKnown<pb::Decision>(Nested(1, Nested(7, newer))), kNewer);
  EXPECT_THAT(CheckFieldsAreKnown<pb::Decision>(Nested(1, Nested(7, Nested(2, newer)))), kNewer);
  // Behind what is known; of a map's entry; a message's number one beyond the last.
  pb::Customer customer;
  customer.set_id("C-1");
  EXPECT_THAT(CheckFieldsAreKnown<pb::Customer>(customer.SerializeAsString() + newer), kNewer);
  EXPECT_THAT(CheckFieldsAreKnown<pb::Customer>(Nested(16, newer)), kNewer);
  EXPECT_THAT(CheckFieldsAreKnown<pb::History>(Nested(2, "")), kNewer);
}

TEST(KnownFieldsTest, WhatIsNoMessageIsLeftToTheParser) {
  for (const std::string& bytes : {std::string("\x0a\x7f", 2), std::string("\x0a", 1),
                                   std::string("\x0f", 1), std::string(3, '\xff')}) {
    EXPECT_THAT(CheckFieldsAreKnown<pb::Claim>(bytes), IsOk());
  }
}

// Every kind of record that is read and written again.
TEST(KnownFieldsTest, NoRecordIsTakenWithoutIt) {
  const RecordCodec codec{HmacKey(std::string(32, 'm'))};
  const ports::Key key = Keys(256).Decision({7}, IncidentId("I-1"));
  const std::string stored = codec.Seal(key, std::string(kNewerField));
  EXPECT_THAT(codec.DecodeClaim(key, stored), kNewer);
  EXPECT_THAT(codec.DecodeDecision(key, stored), kNewer);
  EXPECT_THAT(codec.DecodeVoucher(key, stored), kNewer);
  EXPECT_THAT(codec.DecodeApology(key, stored), kNewer);
  EXPECT_THAT(codec.DecodeHistory(key, stored), kNewer);
  EXPECT_THAT(codec.DecodeCustomer(key, stored), kNewer);
  EXPECT_THAT(DecodeBudget(codec, key, stored), kNewer);
  EXPECT_THAT(DecodeEvents(codec, key, stored), kNewer);
  EXPECT_THAT(DecodePool(codec, key, stored), kNewer);
  EXPECT_THAT(DecodePoolCode(codec, key, stored), kNewer);
}

}  // namespace
}  // namespace kulanz::app
