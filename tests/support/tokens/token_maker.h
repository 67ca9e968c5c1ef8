// SigningKey: makes bearer tokens as an issuer does, and as somebody who would like to be one does.
//
// Over OpenSSL alone, so that nothing of what checks tokens takes part in making them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace kulanz::testing {

std::string Base64Url(std::string_view bytes);

// `header`.`claims`.`signature`, of JSON and bytes.
std::string Compact(std::string_view header, std::string_view claims, std::string_view signature);

class SigningKey {
 public:
  static SigningKey Rsa(int bits = 2048);
  static SigningKey Ec(const char* curve = "P-256");

  // The public key as a JWK; `more`: further members, "\"alg\":\"RS256\",".
  std::string Jwk(const std::string& kid, const std::string& more = "") const;
  // {"keys":[...]} of this one.
  std::string KeySet(const std::string& kid) const;
  std::string PublicPem() const;

  // A JWS of these texts, whatever they say; signed by RS256 or ES256 (RS384, ES384 by `digest`).
  std::string Sign(std::string_view header, std::string_view claims,
                   const char* digest = "SHA256") const;

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// {"alg":ALG,"kid":KID,"typ":"JWT"}
std::string Header(std::string_view algorithm, std::string_view kid);

// The claims of a good token, each member of which a test can replace by JSON of its own ("" leaves it out).
struct Claims {
  std::string iss = R"("https://login.test")";
  std::string aud = R"("kulanz")";
  std::string sub = R"("anna")";
  std::string exp;  // empty: in an hour
  std::string nbf;
  std::string more;  // "\"groups\":[\"support\"]"
  bool without_exp = false;
  std::string ToJson(std::int64_t now_seconds) const;
};

}  // namespace kulanz::testing
