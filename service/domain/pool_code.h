// PoolCode: a code of a shop's own coupon engine, which an operator has put into a pool for us to give away.
//
// Text as that engine knows it: 4 to 64 printable ASCII characters without spaces, case as it is. A bearer
// secret like VoucherCode: the type prints masked, and only Reveal() gives the text.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace kulanz {

class PoolCode {
 public:
  static constexpr std::size_t kBytesMin = 4;
  static constexpr std::size_t kBytesMax = 64;

  // Nothing when it is too short or long, or has other characters.
  static std::optional<PoolCode> Parse(std::string_view text);

  const std::string& Reveal() const { return text_; }

  friend bool operator==(const PoolCode&, const PoolCode&) = default;
  friend std::ostream& operator<<(std::ostream& out, const PoolCode& /*code*/) {
    return out << "****";
  }

 private:
  explicit PoolCode(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace kulanz
