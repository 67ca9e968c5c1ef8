#include "service/adapters/redis/key_codec.h"

#include <gtest/gtest.h>

namespace kulanz::redis {
namespace {

TEST(KeyCodecTest, AKeyIsTagLetterAndRawHash) {
  ports::Key key{{0x2af}, ports::RecordKind::kVoucher, {}};
  for (std::size_t index = 0; index < key.hash.size(); ++index) {
    key.hash.at(index) = static_cast<std::uint8_t>(index * 17);
  }
  std::string bytes;
  AppendKey(key, bytes);
  EXPECT_EQ(bytes.size(), kKeyBytes);
  EXPECT_EQ(bytes.substr(0, 6), "{2af}v");
  EXPECT_EQ(bytes[6], '\0');
  EXPECT_EQ(bytes.back(), '\xff');
  EXPECT_EQ(GenesisKey({0x2af}), "{2af}g");
}

TEST(KeyCodecTest, VersionsKeepAllTheirBits) {
  for (const std::uint64_t version : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{256},
                                      (std::uint64_t{1} << 53) - 1, ~std::uint64_t{0}}) {
    std::string bytes;
    AppendVersion(version, bytes);
    ASSERT_EQ(bytes.size(), kVersionBytes);
    EXPECT_EQ(ReadVersion(bytes + "more"), version);
  }
}

TEST(KeyCodecTest, AGenesisRecordNamesStoreAndPartition) {
  const Genesis genesis{"shop-1", 1024};
  std::string value;
  AppendVersion(77, value);
  value += genesis.Text({1023});
  EXPECT_EQ(value.substr(kVersionBytes), "KLZ1/shop-1/400/3ff");
  const auto record = ParseGenesisRecord(value);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->sequence, 77U);
  EXPECT_EQ(record->genesis, genesis);
  EXPECT_EQ(record->partition.number, 1023);
}

TEST(KeyCodecTest, WhatIsNoGenesisRecordIsNotTakenForOne) {
  const std::string version(kVersionBytes, '\0');
  for (const std::string_view text :
       {"", "KLZ1", "KLZ1/a", "KLZ1/a/008/00", "KLZ1/a/008/008", "KLZ1/a/007/001", "KLZ1/a/0x8/001",
        "KLZ2/a/008/001", "KLZ1//008/001", "KLZ1/A/008/001", "KLZ1/a/801/001", "KLZ1/a/008-001",
        "KLZ1/a 008/001", "KLZ1/a/000/000", "KLZ1/a/008/001\n"}) {
    EXPECT_FALSE(ParseGenesisRecord(version + std::string(text))) << text;
  }
  EXPECT_FALSE(ParseGenesisRecord("KLZ1/a/008/001"));
  EXPECT_TRUE(ParseGenesisRecord(version + "KLZ1/a/008/001"));
}

}  // namespace
}  // namespace kulanz::redis
