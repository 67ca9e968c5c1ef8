// Replies of every form, also of forms that Redis would never send: none may crash or be believed.
#include "service/adapters/redis/reply_codec.h"

#include <hiredis/hiredis.h>

#include <array>
#include <memory>
#include <random>
#include <tuple>

#include "service/adapters/redis/failures.h"
#include "tests/support/status_matchers.h"

namespace kulanz::redis {
namespace {

using testing::IsOk;
using testing::StatusIs;

// What hiredis makes of these bytes of the protocol.
std::unique_ptr<redisReply, void (*)(void*)> Parse(std::string_view bytes) {
  const std::unique_ptr<redisReader, void (*)(redisReader*)> reader(redisReaderCreate(),
                                                                    redisReaderFree);
  EXPECT_EQ(redisReaderFeed(reader.get(), bytes.data(), bytes.size()), REDIS_OK);
  void* reply = nullptr;
  EXPECT_EQ(redisReaderGetReply(reader.get(), &reply), REDIS_OK) << bytes;
  EXPECT_NE(reply, nullptr) << bytes;
  return {static_cast<redisReply*>(reply), freeReplyObject};
}

std::string Bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::string Versioned(std::uint64_t version, std::string_view value) {
  std::string bytes;
  AppendVersion(version, bytes);
  return bytes.append(value);
}

const Genesis kGenesis{"test", 8};
const Expected kExpected{kGenesis, {3}};
const auto kBroken = StatusIs(Code::kInternal, "STORE_BROKEN");
const auto kCorrupt = StatusIs(Code::kDataLoss, "STORE_CORRUPT");
const auto kNoGenesis = StatusIs(Code::kFailedPrecondition, "NO_GENESIS");

TEST(ReplyCodecTest, AnErrorIsKnownByItsFirstWord) {
  const auto reason_of = [](std::string_view error) { return ErrorStatus(error).reason(); };
  EXPECT_EQ(reason_of("READONLY You can't write against a read only replica."), "STORE_READ_ONLY");
  EXPECT_EQ(reason_of("MASTERDOWN Link with MASTER is down"), "STORE_READ_ONLY");
  EXPECT_EQ(reason_of("LOADING Redis is loading the dataset in memory"), "STORE_LOADING");
  for (const std::string_view word :
       {"OOM", "MISCONF", "NOREPLICAS", "BUSY", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "NOAUTH",
        "WRONGPASS", "NOPERM"}) {
    const Status status = ErrorStatus(std::string(word) + " some words");
    EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
    EXPECT_EQ(status.metadata().at("redisError"), word);
    EXPECT_TRUE(status.retry_after().has_value());
  }
  EXPECT_EQ(reason_of("ERR user_script:3: something"), "STORE_BROKEN");
  EXPECT_EQ(reason_of("OOMPH"), "STORE_BROKEN");
  EXPECT_EQ(reason_of(""), "STORE_BROKEN");
  EXPECT_TRUE(IsNoScript("NOSCRIPT No matching script."));
}

TEST(ReplyCodecTest, ACommitIsANumberOrANumberAndTheFencedCounters) {
  auto decoded = DecodeCommit(*Parse(":17\r\n"), kExpected, {2, 1, 0});
  ASSERT_THAT(decoded.result, IsOk());
  EXPECT_EQ(std::get<ports::Committed>(*decoded.result).sequence, 17U);
  EXPECT_EQ(decoded.sequence, 17U);
  decoded = DecodeCommit(*Parse("*3\r\n:18\r\n$2\r\n-5\r\n$1\r\n7\r\n"), kExpected, {0, 0, 2});
  ASSERT_THAT(decoded.result, IsOk());
  EXPECT_THAT(std::get<ports::Committed>(*decoded.result).counters, ::testing::ElementsAre(-5, 7));
}

TEST(ReplyCodecTest, WhatAScriptReportsBecomesAFailure) {
  EXPECT_THAT(DecodeCommit(*Parse("*2\r\n$1\r\nG\r\n$-1\r\n"), kExpected, {}).result, kNoGenesis);
  EXPECT_THAT(DecodeCommit(*Parse("*1\r\n$1\r\nG\r\n"), kExpected, {}).result, kNoGenesis);
  EXPECT_THAT(DecodeCommit(*Parse("*1\r\n$1\r\nR\r\n"), kExpected, {}).result,
              StatusIs(Code::kOutOfRange, "COUNTER_RANGE"));
  EXPECT_THAT(DecodeCommit(*Parse("*1\r\n$1\r\nX\r\n"), kExpected, {}).result, kCorrupt);
  EXPECT_THAT(DecodeCommit(*Parse("-OOM command not allowed\r\n"), kExpected, {}).result,
              StatusIs(Code::kUnavailable, "STORE_REFUSED"));
}

TEST(ReplyCodecTest, CommitsOfAnotherFormAreBroken) {
  for (const std::string_view bytes :
       {"$-1\r\n", "$2\r\nOK\r\n", "+OK\r\n", "*0\r\n", "*-1\r\n", "*1\r\n:1\r\n",
        "*2\r\n:1\r\n:2\r\n", "*2\r\n$1\r\nC\r\n:0\r\n", "*1\r\n$1\r\nC\r\n",
        "*3\r\n$1\r\nC\r\n$1\r\n0\r\n$-1\r\n", "*1\r\n*1\r\n:1\r\n"}) {
    EXPECT_FALSE(DecodeCommit(*Parse(bytes), kExpected, {1, 0, 1}).result.ok()) << bytes;
  }
  EXPECT_THAT(DecodeCommit(*Parse("*2\r\n:1\r\n$1\r\nx\r\n"), kExpected, {0, 0, 1}).result,
              kCorrupt);
}

TEST(ReplyCodecTest, AReadIsHeldAgainstTheGenesisOfItsPartition) {
  const auto decode = [](const std::string& genesis, const std::string& record) {
    return DecodeRead(*Parse("*2\r\n" + genesis + record), kExpected, 1);
  };
  const std::string genesis = Bulk(Versioned(44, kGenesis.Text({3})));
  const auto decoded = decode(genesis, Bulk(Versioned(9, "value")));
  ASSERT_THAT(decoded.result, IsOk());
  EXPECT_EQ(decoded.result->front(), (ports::Record{9, "value"}));
  EXPECT_EQ(decoded.sequence, 44U);
  EXPECT_THAT(decode(genesis, "$-1\r\n").result, IsOk());
  EXPECT_THAT(decode("$-1\r\n", "$-1\r\n").result, kNoGenesis);
  EXPECT_THAT(decode(Bulk(Versioned(44, kGenesis.Text({4}))), "$-1\r\n").result, kNoGenesis)
      << "the answer to a question about another partition";
  EXPECT_THAT(decode(Bulk("short"), "$-1\r\n").result, kNoGenesis);
  EXPECT_THAT(decode(":1\r\n", "$-1\r\n").result, kNoGenesis);
  EXPECT_THAT(decode(genesis, Bulk("short")).result, kCorrupt);
  EXPECT_THAT(decode(genesis, Bulk(Versioned(0, "x"))).result, kCorrupt);
  EXPECT_THAT(decode(genesis, ":3\r\n").result, kCorrupt);
  EXPECT_THAT(DecodeRead(*Parse("*1\r\n" + genesis), kExpected, 1).result, kBroken);
}

TEST(ReplyCodecTest, AnIndexHasPairsOfMemberAndInteger) {
  const auto index = DecodeIndex(
      *Parse("*2\r\n:9\r\n*4\r\n$1\r\na\r\n$2\r\n-7\r\n$1\r\nb\r\n$1\r\n3\r\n"), kExpected);
  ASSERT_THAT(index, IsOk());
  EXPECT_THAT(*index,
              ::testing::ElementsAre(ports::IndexEntry{"a", -7}, ports::IndexEntry{"b", 3}));
  EXPECT_THAT(DecodeIndex(*Parse("*2\r\n:9\r\n*2\r\n$1\r\na\r\n$3\r\n1.5\r\n"), kExpected),
              kCorrupt);
  EXPECT_THAT(DecodeIndex(*Parse("*2\r\n:-1\r\n*0\r\n"), kExpected), kBroken);
  EXPECT_THAT(DecodeIndex(*Parse("*1\r\n:9\r\n"), kExpected), kBroken);
  EXPECT_THAT(DecodeIndex(*Parse("*2\r\n$1\r\nG\r\n$-1\r\n"), kExpected), kNoGenesis);
}

TEST(ReplyCodecTest, ATimeIsSecondsAndMicroseconds) {
  EXPECT_EQ(DecodeTime(*Parse("*2\r\n$10\r\n1772366400\r\n$6\r\n123999\r\n")),
            InstantFromMillis(1'772'366'400'123));
  EXPECT_EQ(DecodeTime(*Parse("*2\r\n$2\r\n-1\r\n$1\r\n0\r\n")), std::nullopt);
  EXPECT_EQ(DecodeTime(*Parse("*2\r\n$18\r\n999999999999999999\r\n$1\r\n0\r\n")), std::nullopt);
  EXPECT_EQ(DecodeTime(*Parse("*1\r\n$1\r\n1\r\n")), std::nullopt);
}

// Trees of replies made at random: whatever they are, decoding ends with a value or a failure.
std::string RandomReply(std::mt19937& random, int depth) {
  const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  switch (pick(depth > 3 ? 5 : 7)) {
    case 0:
      return ":" + std::to_string(static_cast<int>(pick(2000)) - 1000) + "\r\n";
    case 1:
      return "$-1\r\n";
    case 2: {
      constexpr std::array kTexts = {"C", "G", "R", "X", "F12", "-7", "", "3.5", "value"};
      return Bulk(kTexts.at(pick(kTexts.size())));
    }
    case 3:
      return Bulk(Versioned(pick(5), kGenesis.Text({static_cast<std::uint16_t>(pick(8))})));
    case 4:
      return "-ERR no\r\n";
    default: {
      const unsigned size = pick(5);
      std::string array = "*" + std::to_string(size) + "\r\n";
      for (unsigned element = 0; element < size; ++element) {
        array += RandomReply(random, depth + 1);
      }
      return array;
    }
  }
}

TEST(ReplyCodecTest, NoReplyAtAllCanCrashADecoder) {
  std::mt19937 random(20260301);  // NOLINT(cert-msc51-cpp): the same every time, on purpose
  for (int round = 0; round < 20'000; ++round) {
    const auto reply = Parse(RandomReply(random, 0));
    const TransactionShape shape{random() % 3, random() % 3, random() % 3};
    std::ignore = DecodeCommit(*reply, kExpected, shape);
    std::ignore = DecodeRead(*reply, kExpected, random() % 4);
    std::ignore = DecodeReadCounter(*reply, kExpected);
    std::ignore = DecodeIndex(*reply, kExpected);
    std::ignore = DecodeIndexSummary(*reply, kExpected);
    std::ignore = DecodeTime(*reply);
  }
}

}  // namespace
}  // namespace kulanz::redis
