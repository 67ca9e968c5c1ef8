#include "service/base/crypto.h"

#include <gtest/gtest.h>

#include <string>

namespace kulanz {
namespace {

// FIPS 180-4 example.
TEST(CryptoTest, Sha256OfAbc) {
  EXPECT_EQ(ToHex(AsView(Sha256("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 4231, test case 2 has a short key; case 1 has 20 bytes of 0x0b.
TEST(CryptoTest, HmacOfRfc4231Case1) {
  const HmacKey key(std::string(20, '\x0b'));
  EXPECT_EQ(ToHex(AsView(key.Sign({"Hi There"}))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST(CryptoTest, PartsAreConcatenated) {
  const HmacKey key(std::string(16, 'k'));
  EXPECT_EQ(key.Sign({"ab", "c"}), key.Sign({"abc"}));
  EXPECT_NE(key.Sign({"abc"}), key.Sign({"abd"}));
}

TEST(CryptoTest, AMovedKeySignsTheSame) {
  HmacKey key(std::string(16, 'k'));
  const auto before = key.Sign({"x"});
  const HmacKey moved = std::move(key);
  EXPECT_EQ(moved.Sign({"x"}), before);
}

TEST(CryptoTest, ConstantTimeEqualsComparesContentAndLength) {
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
}

TEST(CryptoDeathTest, AShortSecretIsRefused) {
  EXPECT_DEATH(HmacKey(std::string(15, 'k')), "16 to 1,024");
}

}  // namespace
}  // namespace kulanz
