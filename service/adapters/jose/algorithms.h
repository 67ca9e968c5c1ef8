// The signature algorithms of JWS (RFC 7518) that tokens may have: asymmetric ones only, so that a server that
// checks tokens could not make one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kulanz::jose {

enum class KeyType : std::uint8_t { kRsa, kEc };

struct Algorithm {
  std::string_view name;
  KeyType key = KeyType::kRsa;
  std::string_view curve;  // of kEc
};

inline constexpr std::array<Algorithm, 9> kAlgorithms = {{{"RS256", KeyType::kRsa, ""},
                                                          {"RS384", KeyType::kRsa, ""},
                                                          {"RS512", KeyType::kRsa, ""},
                                                          {"PS256", KeyType::kRsa, ""},
                                                          {"PS384", KeyType::kRsa, ""},
                                                          {"PS512", KeyType::kRsa, ""},
                                                          {"ES256", KeyType::kEc, "P-256"},
                                                          {"ES384", KeyType::kEc, "P-384"},
                                                          {"ES512", KeyType::kEc, "P-521"}}};

constexpr const Algorithm* FindAlgorithm(std::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) {
      return &algorithm;
    }
  }
  return nullptr;
}

}  // namespace kulanz::jose
