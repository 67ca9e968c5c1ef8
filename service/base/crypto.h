// SHA-256 and HMAC-SHA-256, for fingerprints, record keys, MACs and voucher codes.
//
// Thin over OpenSSL; thread-safe; cannot fail (a failure inside OpenSSL aborts).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kulanz {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest Sha256(std::string_view data);

// A secret key that never prints. Keep one per purpose: deriving the HMAC state is done once here.
class HmacKey {
 public:
  // `secret`: 16 to 1,024 bytes (checked).
  explicit HmacKey(std::string_view secret);
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;
  HmacKey(HmacKey&& other) noexcept;
  HmacKey& operator=(HmacKey&& other) noexcept;
  ~HmacKey();

  // HMAC over the concatenation of the parts. The caller separates parts unambiguously.
  Sha256Digest Sign(std::initializer_list<std::string_view> parts) const;

 private:
  class Contexts;  // OpenSSL's states with the key in them, one per Sign under way
  std::unique_ptr<Contexts> contexts_;
};

// Equal in time that does not depend on where the first difference is.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

// Lower-case hexadecimal.
std::string ToHex(std::string_view bytes);
// The bytes that ToHex gave (capitals are fine too); nothing when it is no hexadecimal text.
std::optional<std::string> FromHex(std::string_view hex);

inline std::string_view AsView(const Sha256Digest& digest) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace kulanz
