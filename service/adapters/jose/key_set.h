// KeySet: the public keys of an issuer of tokens, as a JWKS (RFC 7517).
//
// Keys that cannot check a signature of ours are passed over, as the RFC asks: encryption keys, other types, RSA
// below 2048 bits, keys without a kid. Shared secrets (kty "oct") are never used: whoever may check with one could
// sign with it. Thread-safety: immutable.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "service/adapters/jose/algorithms.h"
#include "service/base/result.h"

struct _cjose_jwk_int;

namespace kulanz::jose {

inline constexpr std::size_t kKeySetBytesMax = std::size_t{1} << 18;
inline constexpr std::size_t kKeysMax = 64;  // issuers publish two or three

class KeySet {
 public:
  struct Key {
    std::shared_ptr<_cjose_jwk_int> jwk;
    KeyType type = KeyType::kRsa;
    std::string curve;      // of kEc
    std::string algorithm;  // the only one that it is for; empty: any of its type
  };

  // INVALID_ARGUMENT / KEY_SET: no JWKS, too large, a private key, one kid twice, or no key that can be used.
  static Result<KeySet> Parse(std::string_view text);

  // Null when there is none of that id.
  const Key* Find(std::string_view kid) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, Key, std::less<>> keys_;
};

}  // namespace kulanz::jose
