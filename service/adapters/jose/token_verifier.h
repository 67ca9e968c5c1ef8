// TokenVerifier: whether a bearer token (a signed JWT, RFC 7519) says what it says, and what that is.
//
// What is checked follows RFC 8725: the algorithm is one of those that the operator pinned for the issuer, fits
// the key that the token names, and so is never "none" nor a shared secret; issuer and audience are ours; the
// times hold. Nothing of a token stands in any message. Thread-safety: immutable.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/jose/key_set.h"
#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::jose {

inline constexpr std::size_t kTokenBytesMax = 16 * 1024;
inline constexpr std::size_t kSubjectBytesMax = 256;
inline constexpr std::size_t kGroupsMax = 256;

struct Issuer {
  std::string name;                     // "iss", exactly
  std::vector<std::string> audiences;   // one of them must be in "aud"
  std::vector<std::string> algorithms;  // pinned; not empty
  Duration leeway{0};                   // for clocks that differ
  std::vector<std::string>
      groups_at;  // where the groups stand, "groups" or "realm_access", "roles"
  KeySet keys;
};

struct TokenClaims {
  std::string issuer;
  std::string subject;
  std::vector<std::string> groups;  // texts of the list there, or the words of the text
  Instant expires{};
  Instant usable_until{};  // with the leeway: refused from then on
};

class TokenVerifier {
 public:
  explicit TokenVerifier(std::vector<Issuer> issuers) : issuers_(std::move(issuers)) {}

  // UNAUTHENTICATED with one of TOKEN_MALFORMED, TOKEN_ISSUER, TOKEN_ALGORITHM, TOKEN_KEY_UNKNOWN,
  // TOKEN_SIGNATURE, TOKEN_AUDIENCE, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_SUBJECT.
  Result<TokenClaims> Verify(std::string_view token, Instant now) const;

 private:
  const Issuer* Find(std::string_view name) const;

  std::vector<Issuer> issuers_;
};

}  // namespace kulanz::jose
