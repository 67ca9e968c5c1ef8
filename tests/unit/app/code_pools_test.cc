// Pools of codes: imported once, given once, moved between partitions without loss, encrypted in the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "service/app/record_pool.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/code_pools_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using CodePoolsTest = CodePoolsFixture;

TEST_F(CodePoolsTest, AGrantTellsACodeOfThePoolAndARetryTheSame) {
  KnownCustomer();
  Import(Codes(0, 1));
  EXPECT_EQ(Say(MissedVisit("I-1")), "granted GRANTED SPRING-10000");
  EXPECT_EQ(Say(MissedVisit("I-1")), "granted GRANTED SPRING-10000");
  const auto read = SyncWait(incidents_.Get(IncidentId("I-1"), std::nullopt, Soon()));
  ASSERT_THAT(read, IsOk());
  ASSERT_TRUE(read->code.has_value());
  EXPECT_TRUE(read->code->is_from_pool());
  EXPECT_EQ(read->code->Reveal("IGNORED"), "SPRING-10000");
  EXPECT_EQ(read->decision.voucher->pool, "visits");
  EXPECT_EQ(Remaining(), 0U);
}

TEST_F(CodePoolsTest, AnEmptyPoolDeniesReviewsOrGeneratesAsThePolicySays) {
  KnownCustomer();
  EXPECT_EQ(Say(MissedVisit("I-1", "deny")), "denied POOL_EMPTY");
  EXPECT_EQ(Say(MissedVisit("I-2", "review")), "review POOL_EMPTY");
  EXPECT_THAT(Say(MissedVisit("I-3", "generate")), HasSubstr("granted POOL_EMPTY SORRY-"));
  const auto generated = SyncWait(incidents_.Get(IncidentId("I-3"), std::nullopt, Soon()));
  ASSERT_THAT(generated, IsOk());
  EXPECT_FALSE(generated->code->is_from_pool());
  EXPECT_EQ(generated->decision.voucher->pool, "");
  // What was recorded stays, also when the pool has been filled since.
  Import(Codes(0, 3));
  EXPECT_EQ(Say(MissedVisit("I-1", "deny")), "denied POOL_EMPTY");
  EXPECT_THAT(Say(MissedVisit("I-4", "generate")), HasSubstr("granted GRANTED SPRING-"));
}

TEST_F(CodePoolsTest, ACodeIsImportedOnceWhateverThePool) {
  const ImportedCodes first = Import(Codes(0, 50));
  EXPECT_EQ(first.added, 50U);
  EXPECT_EQ(first.known, 0U);
  const ImportedCodes again = Import(Codes(40, 60));
  EXPECT_EQ(again.added, 10U);
  EXPECT_EQ(again.known, 10U);
  const ImportedCodes other = Import(Codes(59, 61), "others");
  EXPECT_EQ(other.added, 1U);
  EXPECT_THAT(other.elsewhere, ElementsAre(0U));
  std::vector<PoolCode> twice = Codes(70, 71);
  twice.push_back(twice.front());
  const ImportedCodes within = Import(twice);
  EXPECT_EQ(within.added, 1U);
  EXPECT_EQ(within.known, 1U);
  EXPECT_EQ(Remaining(), 61U);
}

TEST_F(CodePoolsTest, ACodeThatWasGivenIsKnownForEver) {
  KnownCustomer();
  Import(Codes(0, 1));
  ASSERT_EQ(Say(MissedVisit("I-1")), "granted GRANTED SPRING-10000");
  const ImportedCodes again = Import(Codes(0, 1));
  EXPECT_EQ(again.added, 0U);
  EXPECT_EQ(again.known, 1U);
  EXPECT_EQ(Say(MissedVisit("I-2")), "denied POOL_EMPTY");
  const auto knows = SyncWait(pools_.Knows(Codes(0, 1).front(), Soon()));
  EXPECT_TRUE(knows.ok() && *knows);
  const auto stranger = SyncWait(pools_.Knows(Codes(5, 6).front(), Soon()));
  EXPECT_TRUE(stranger.ok() && !*stranger);
}

TEST_F(CodePoolsTest, APoolHasRoomForItsMostAndRefusesOneMore) {
  const ports::Key key = keys_.Pool("visits");
  const auto fill = [&](std::uint64_t imported) {
    ports::Transaction transaction;
    transaction.partition = key.partition;
    transaction.writes.emplace_back(
        ports::Put{key, Encode(codec_, key, StoredPool{"visits", imported}), std::nullopt});
    EXPECT_THAT(SyncWait(store_.Commit(std::move(transaction), Soon())), IsOk());
  };
  fill(kPoolCodesMax - 2);
  const auto over = SyncWait(pools_.Import("visits", Codes(0, 3), Soon()));
  EXPECT_EQ(over.status().reason(), "POOL_FULL");
  EXPECT_EQ(Remaining(), 0U);
  EXPECT_EQ(Import(Codes(0, 2)).added, 2U);
}

TEST_F(CodePoolsTest, EveryCodeIsGivenOnceToCustomersOfAllPartitions) {
  constexpr int kCodes = 40;
  Import(Codes(0, kCodes));
  std::set<std::string> told;
  for (int i = 0; i < kCodes; ++i) {
    const std::string n = std::to_string(i);
    KnownCustomer("C-" + n);
    const std::string said = Say(MissedVisit("I-" + n, "deny", "C-" + n));
    EXPECT_THAT(said, HasSubstr("granted GRANTED SPRING-"));
    told.insert(said);
  }
  EXPECT_EQ(told.size(), static_cast<std::size_t>(kCodes));
  KnownCustomer("C-last");
  EXPECT_EQ(Say(MissedVisit("I-last", "deny", "C-last")), "denied POOL_EMPTY");
  EXPECT_EQ(Remaining(), 0U);
}

// Every commit of a run loses its request or its reply once; whoever repeats until there is an answer gets
// one, and in the end every code is on a shelf or in exactly one voucher.
TEST_F(CodePoolsTest, LostRequestsAndRepliesNeitherLoseNorDoubleACode) {
  constexpr int kCodes = 12;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    const std::string pool = "visits";
    memory::MemoryStore fresh({.partition_count = 16, .clock = [this] { return now_; }});
    FaultyStore faulty(fresh);
    std::mt19937 random(seed);
    faulty.on_commit = [&random](const ports::Transaction&) {
      const auto die = random() % 6;
      return die == 0   ? FaultyStore::Fault::kLoseRequest
             : die == 1 ? FaultyStore::Fault::kLoseReply
                        : FaultyStore::Fault::kNone;
    };
    CodePools pools({.store = faulty,
                     .scheduler = scheduler_,
                     .entropy = entropy_,
                     .telemetry = telemetry_,
                     .log = events_,
                     .keys = keys_,
                     .codec = codec_,
                     .cipher = cipher_,
                     .policies = policies_},
                    {.believe_empty = Duration(0)});
    for (int i = 0; i < kCodes; ++i) {
      while (!SyncWait(pools.Import(pool, Codes(i, i + 1), Soon())).ok()) {
      }
    }
    std::set<std::string> taken;
    for (std::uint16_t attempt = 0; attempt < 60; ++attempt) {
      const ports::PartitionId partition{static_cast<std::uint16_t>(random() % 16)};
      const auto answer = SyncWait(pools.Take(pool, partition, Soon()));
      if (!answer.ok() || std::holds_alternative<PoolEmpty>(*answer)) {
        continue;
      }
      const auto& code = std::get<ShelvedCode>(*answer);
      ports::Transaction transaction;
      transaction.partition = partition;
      TakeFromShelf({fresh, keys_, codec_}, code, transaction);
      const auto outcome = SyncWait(fresh.Commit(std::move(transaction), Soon()));
      ASSERT_THAT(outcome, IsOk());
      if (std::holds_alternative<ports::Committed>(*outcome)) {
        const auto opened = cipher_.Open(pool, code.sealed);
        ASSERT_THAT(opened, IsOk());
        EXPECT_TRUE(taken.insert(opened->Reveal()).second) << "given twice, seed " << seed;
      }
    }
    faulty.on_commit = nullptr;
    const auto rest = SyncWait(CountShelves({faulty, keys_, codec_}, pool, Soon()));
    ASSERT_THAT(rest, IsOk());
    std::uint64_t remaining = 0;
    for (const std::uint64_t size : rest->sizes) {
      remaining += size;
    }
    EXPECT_EQ(taken.size() + remaining, static_cast<std::size_t>(kCodes)) << "lost, seed " << seed;
  }
}

TEST_F(CodePoolsTest, AMoveThatStoppedAfterAnyStepIsFinishedToWhereItWent) {
  for (int step = 1; step <= 3; ++step) {
    const std::string pool = "stopped-" + std::to_string(step);
    const PoolCode code = Codes(100 + step, 101 + step).front();
    Import({code}, pool);
    const ports::PartitionId home = keys_.PoolCodeHome(*cipher_.HashOf(code)).partition;
    const ports::PartitionId to{static_cast<std::uint16_t>((home.number + 1) % 16)};
    int commits = 0;
    store_.on_commit = [&](const ports::Transaction&) {
      return ++commits >= step ? FaultyStore::Fault::kLoseRequest : FaultyStore::Fault::kNone;
    };
    static_cast<void>(SyncWait(MoveCodes(pools_.tools(), {pool, home, to, 1}, Soon())));
    store_.on_commit = nullptr;
    const auto sizes = SyncWait(CountShelves(pools_.tools(), pool, Soon()));
    ASSERT_THAT(sizes, IsOk());
    EXPECT_EQ(sizes->sizes[step == 1 ? home.number : to.number], 1U) << "step " << step;
    const auto transit = SyncWait(store_.SummarizeIndex(keys_.PoolTransit(home, pool), Soon()));
    ASSERT_THAT(transit, IsOk());
    EXPECT_EQ(transit->size, 0U);
  }
}

// The simulator's seed 12859: two customers looked for the last code at once, and each moved it away from under
// the count of the other, who was then told that the pool is empty.
TEST_F(CodePoolsTest, ACodeThatMovesDuringACountIsNotMissed) {
  const PoolCode code = Codes(0, 1).front();
  const ports::PartitionId home = keys_.PoolCodeHome(*cipher_.HashOf(code)).partition;
  const ports::PartitionId first{static_cast<std::uint16_t>(home.number == 0 ? 1 : 0)};
  const ports::PartitionId own{static_cast<std::uint16_t>(home.number == 15 ? 14 : 15)};
  Import({code});
  int moves = 0;
  store_.on_summary = [&](const ports::Key& index) {
    // From where nobody has looked yet to where somebody has.
    if (index == keys_.PoolShelf(own.number > home.number ? home : own, "visits") && ++moves == 1) {
      const ShelfTools tools{memory_, keys_, codec_};
      ASSERT_THAT(SyncWait(MoveCodes(tools, {"visits", home, first, 1}, Soon())), IsOk());
    }
  };
  const auto answer = SyncWait(pools_.Take("visits", own, Soon()));
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(std::holds_alternative<ShelvedCode>(*answer)) << "a code is there";
  EXPECT_GE(moves, 1) << "nothing has moved";
}

TEST_F(CodePoolsTest, AStepThatArrivesHoursLateDoublesNothing) {
  Import(Codes(0, 1));
  const PoolCode code = Codes(0, 1).front();
  const ports::PartitionId home = keys_.PoolCodeHome(*cipher_.HashOf(code)).partition;
  const ports::PartitionId away{static_cast<std::uint16_t>((home.number + 1) % 16)};
  std::vector<ports::Transaction> seen;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    seen.push_back(transaction);
    return FaultyStore::Fault::kNone;
  };
  ASSERT_THAT(SyncWait(MoveCodes(pools_.tools(), {"visits", home, away, 1}, Soon())), IsOk());
  ASSERT_THAT(SyncWait(MoveCodes(pools_.tools(), {"visits", away, home, 1}, Soon())), IsOk());
  store_.on_commit = nullptr;
  ASSERT_EQ(seen.size(), 6U);
  for (const ports::Transaction& late : seen) {
    const auto outcome = SyncWait(memory_.Commit(late, Soon()));
    ASSERT_THAT(outcome, IsOk());
    EXPECT_TRUE(std::holds_alternative<ports::Conflict>(*outcome));
  }
  EXPECT_EQ(Remaining(), 1U);
}

TEST_F(CodePoolsTest, TheStoreHoldsNoCodeInPlainText) {
  KnownCustomer();
  std::vector<std::string> written;
  store_.on_commit = [&](const ports::Transaction& transaction) {
    for (const ports::TransactionWrite& write : transaction.writes) {
      if (const auto* put = std::get_if<ports::Put>(&write)) {
        written.push_back(put->value);
      }
    }
    return FaultyStore::Fault::kNone;
  };
  Import(Codes(0, 2));
  ASSERT_THAT(Say(MissedVisit("I-1")), HasSubstr("SPRING-"));
  ASSERT_GT(written.size(), 4U);
  for (const std::string& value : written) {
    EXPECT_THAT(value, Not(HasSubstr("SPRING")));
  }
}

TEST_F(CodePoolsTest, WhatCannotBeToldIsNotGiven) {
  KnownCustomer();
  Import(Codes(0, 1));
  cipher_ = PoolCipher();
  EXPECT_EQ(Say(MissedVisit("I-1")), "SECRET_MISSING");
  EXPECT_EQ(Remaining(), 1U);
  EXPECT_EQ(SyncWait(pools_.Import("visits", Codes(1, 2), Soon())).status().reason(),
            "POOLS_NOT_SET_UP");
  cipher_ = OneKey();
  EXPECT_EQ(Say(MissedVisit("I-1")), "granted GRANTED SPRING-10000");
}

TEST_F(CodePoolsTest, OperatorsAreWarnedOnceWhenAPoolIsLowAndOnceWhenItIsEmpty) {
  KnownCustomer();
  const auto observe = [&] { SyncWait(pools_.Observe()); };
  Import(Codes(0, 3));
  observe();
  EXPECT_THAT(events_.events, ElementsAre());
  Say(MissedVisit("I-1"));  // two are left: low_at
  observe();
  observe();
  EXPECT_THAT(events_.events, ElementsAre("pool_low"));
  Say(MissedVisit("I-2"));
  Say(MissedVisit("I-3"));
  observe();
  observe();
  EXPECT_THAT(events_.events, ElementsAre("pool_low", "pool_empty"));
  Import(Codes(3, 9));
  observe();
  EXPECT_THAT(events_.events, ElementsAre("pool_low", "pool_empty"));
}

const Instant kNow = *ParseInstant("2026-10-15T12:00:00Z");

TEST(PoolCipherTest, OldSealsOpenAfterARotationAndNothingElseDoes) {
  CountingEntropy entropy;
  const PoolCode code = Codes(0, 1).front();
  const auto old_seal = OneKey().Seal("visits", code, kNow, entropy);
  ASSERT_THAT(old_seal, IsOk());
  std::vector<PoolKey> keys;
  keys.push_back(MakePoolKey("pool-2", Instant{}, std::string(32, 'q')));
  keys.push_back(MakePoolKey("pool", kMinInstant, std::string(32, 'p')));
  keys.push_back(MakePoolKey("pool-3", kNow + Duration(1), std::string(32, 'r')));  // not yet
  const PoolCipher rotated(std::move(keys));
  EXPECT_EQ(*rotated.HashOf(code), *OneKey().HashOf(code)) << "a code is known after a rotation";
  const auto new_seal = rotated.Seal("visits", code, kNow, entropy);
  ASSERT_THAT(new_seal, IsOk());
  EXPECT_THAT(*new_seal, HasSubstr("pool-2"));
  for (const std::string& seal : {*old_seal, *new_seal}) {
    const auto opened = rotated.Open("visits", seal);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->Reveal(), code.Reveal());
    EXPECT_EQ(rotated.Open("others", seal).status().reason(), "RECORD_CORRUPT");
    std::string flipped = seal;
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    EXPECT_EQ(rotated.Open("visits", flipped).status().reason(), "RECORD_CORRUPT");
    EXPECT_EQ(rotated.Open("visits", seal.substr(0, seal.find('\0'))).status().reason(),
              "RECORD_CORRUPT");
  }
  EXPECT_EQ(OneKey().Open("visits", *new_seal).status().reason(), "SECRET_MISSING");
}

}  // namespace
}  // namespace kulanz::app
