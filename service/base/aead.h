// AES-256-GCM, for what must lie in the store and yet not be readable there.
//
// Thin over OpenSSL; thread-safe; cannot fail (a failure inside OpenSSL aborts), except that what was not
// sealed by Seal() with the same key and context does not open.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kulanz {

class AeadKey {
 public:
  static constexpr std::size_t kNonceBytes = 12;
  static constexpr std::size_t kTagBytes = 16;
  using Nonce = std::array<std::uint8_t, kNonceBytes>;

  // `secret`: 16 to 1,024 bytes (checked); `purpose` makes one secret safe for several uses.
  AeadKey(std::string_view secret, std::string_view purpose);
  AeadKey(const AeadKey&) = delete;
  AeadKey& operator=(const AeadKey&) = delete;
  AeadKey(AeadKey&&) noexcept = default;
  AeadKey& operator=(AeadKey&&) noexcept = default;
  ~AeadKey();

  // Nonce, ciphertext and tag. `nonce`: random, never twice with one key; `context` is authenticated with
  // it and must be the same in Open().
  std::string Seal(const Nonce& nonce, std::string_view context, std::string_view plain) const;
  // Nothing when it is not such a seal.
  std::optional<std::string> Open(std::string_view context, std::string_view sealed) const;

 private:
  std::array<std::uint8_t, 32> key_{};
};

}  // namespace kulanz
