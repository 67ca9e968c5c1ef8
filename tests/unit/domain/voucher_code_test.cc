#include "service/domain/voucher_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <sstream>
#include <string>
#include <vector>

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

TEST_F(VoucherCodeTest, ALongCodeDependsOnAllEightyFiveBits) {
  std::array<std::uint8_t, 11> mac{};
  const VoucherCode zero = VoucherCode::Make(0, mac, VoucherCode::Length::kLong);
  EXPECT_EQ(zero.Reveal("GIFT"), "GIFT-0000-0000-0000-0000-0000");
  EXPECT_EQ(zero.Masked(), "00**-****-****-****-****");
  for (std::size_t bit = 0; bit < 85; ++bit) {
    std::array<std::uint8_t, 11> other{};
    other[bit / 8] = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    EXPECT_NE(VoucherCode::Make(0, other, VoucherCode::Length::kLong), zero) << bit;
  }
}

// A prefix may end in what could begin a long code, and a long code in what is a short one.
TEST_F(VoucherCodeTest, EveryCodeIsAmongItsReadingsWhateverItsPrefix) {
  std::array<std::uint8_t, 11> mac{};
  std::size_t ambiguous = 0;
  for (int round = 0; round < 2000; ++round) {
    for (std::uint8_t& byte : mac) {
      byte = static_cast<std::uint8_t>(random_());
    }
    for (const auto length : {VoucherCode::Length::kShort, VoucherCode::Length::kLong}) {
      const VoucherCode code = VoucherCode::Make(9, mac, length);
      for (const char* prefix : {"", "GIFT", "SORRY"}) {
        const std::vector<VoucherCode> readings = VoucherCode::Readings(code.Reveal(prefix));
        EXPECT_EQ(std::count(readings.begin(), readings.end(), code), 1);
        ambiguous += readings.size() - 1;
      }
    }
  }
  EXPECT_GT(ambiguous, 0U);
  EXPECT_LT(ambiguous, 600U);  // about one in 32 of those that can be
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
