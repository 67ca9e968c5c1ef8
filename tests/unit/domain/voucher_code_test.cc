#include "service/domain/voucher_code.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <sstream>
#include <string>

namespace kulanz {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

class VoucherCodeTest : public ::testing::Test {
 protected:
  VoucherCode Any() {
    std::array<std::uint8_t, 32> mac{};
    for (std::uint8_t& byte : mac) {
      byte = static_cast<std::uint8_t>(random_());
    }
    return VoucherCode::Make(static_cast<std::uint16_t>(random_() % 1024), mac);
  }
  std::mt19937_64 random_{20261121};
};

TEST_F(VoucherCodeTest, ReadsBackWhatItShows) {
  for (int i = 0; i < 1000; ++i) {
    const VoucherCode code = Any();
    EXPECT_EQ(VoucherCode::Parse(code.Reveal()), code);
    EXPECT_EQ(VoucherCode::Parse(code.Reveal("SORRY")), code);
    EXPECT_EQ(VoucherCode::Parse(std::string(code.canonical())), code);
  }
}

TEST_F(VoucherCodeTest, KeepsThePartition) {
  const std::array<std::uint8_t, 9> mac{};
  for (std::uint16_t partition = 0; partition < 1024; ++partition) {
    EXPECT_EQ(VoucherCode::Make(partition, mac).partition(), partition);
  }
}

TEST_F(VoucherCodeTest, DependsOnAllSixtyFiveBits) {
  std::array<std::uint8_t, 9> mac{};
  const VoucherCode zero = VoucherCode::Make(0, mac);
  for (std::size_t bit = 0; bit < 65; ++bit) {
    std::array<std::uint8_t, 9> other{};
    other[bit / 8] = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    EXPECT_NE(VoucherCode::Make(0, other), zero) << bit;
  }
}

TEST_F(VoucherCodeTest, ForgivesCaseSpacesDashesAndLookAlikes) {
  const VoucherCode code = Any();
  std::string typed = " ";
  for (const char c : code.Reveal()) {
    if (c == '0') {
      typed += 'o';
    } else if (c == '1') {
      typed += 'l';
    } else {
      typed += c == '-' ? ' ' : static_cast<char>(std::tolower(c));
    }
  }
  EXPECT_EQ(VoucherCode::Parse(typed), code);
}

TEST_F(VoucherCodeTest, FindsEverySingleWrongSymbol) {
  for (int round = 0; round < 20; ++round) {
    const std::string good(Any().canonical());
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char symbol : kAlphabet) {
        std::string bad = good;
        bad[at] = symbol;
        EXPECT_EQ(VoucherCode::Parse(bad).has_value(), bad == good);
      }
    }
  }
}

TEST_F(VoucherCodeTest, FindsEverySwapOfNeighbours) {
  for (int round = 0; round < 200; ++round) {
    const std::string good(Any().canonical());
    for (std::size_t at = 0; at + 1 < good.size(); ++at) {
      std::string bad = good;
      std::swap(bad[at], bad[at + 1]);
      EXPECT_EQ(VoucherCode::Parse(bad).has_value(), bad == good);
    }
  }
}

TEST_F(VoucherCodeTest, RefusesOtherTexts) {
  const std::string good = Any().Reveal();
  for (const std::string& text :
       {std::string(), good.substr(1), good + "U", "!" + good.substr(1), std::string(16, 'U'),
        std::string(VoucherCode::kInputBytesMax + 1, '0'), "TOOLONGPREFIX" + good}) {
    EXPECT_FALSE(VoucherCode::Parse(text).has_value()) << text;
  }
}

TEST_F(VoucherCodeTest, PrintsMasked) {
  const VoucherCode code = Any();
  std::ostringstream out;
  out << code;
  EXPECT_EQ(out.str(), std::string(code.canonical().substr(0, 2)) + "**-****-****-****");
}

}  // namespace
}  // namespace kulanz
