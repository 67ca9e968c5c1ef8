#include "service/adapters/jose/token_verifier.h"

#include <cjose/jws.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "service/adapters/jose/base64url.h"
#include "service/adapters/jose/json.h"

namespace kulanz::jose {
namespace {

struct JwsRelease {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using Jws = std::unique_ptr<cjose_jws_t, JwsRelease>;

Status No(std::string_view reason, std::string message) {
  return Status(Code::kUnauthenticated, reason, std::move(message));
}

// header.payload.signature, each of which can be decoded.
bool IsCompact(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? first : token.find('.', first + 1);
  return second != token.npos && IsBase64Url(token.substr(0, first)) &&
         IsBase64Url(token.substr(first + 1, second - first - 1)) &&
         IsBase64Url(token.substr(second + 1));
}

Status Malformed() {
  return No("TOKEN_MALFORMED", "the bearer token is no signed JWT that could be read");
}

// Nothing when the claim is there and no number of seconds that could be a time.
std::optional<Instant> TimeOf(const json_t& claims, const char* name) {
  const json_t* const value = json_object_get(&claims, name);
  constexpr double kSecondsMax = 1e11;  // some 3000 years
  if (!json_is_number(value)) {
    return std::nullopt;
  }
  const double seconds = json_number_value(value);
  if (!(seconds >= 0 && seconds < kSecondsMax)) {
    return std::nullopt;
  }
  return Instant(std::chrono::seconds(static_cast<std::int64_t>(std::floor(seconds))));
}

bool HasAudience(const json_t& claims, const std::vector<std::string>& wanted) {
  const json_t* const audience = json_object_get(&claims, "aud");
  const auto is_wanted = [&](const json_t* value) {
    return json_is_string(value) &&
           std::find(wanted.begin(), wanted.end(),
                     std::string_view(json_string_value(value), json_string_length(value))) !=
               wanted.end();
  };
  if (!json_is_array(audience)) {
    return is_wanted(audience);
  }
  for (std::size_t i = 0; i < json_array_size(audience); ++i) {
    if (is_wanted(json_array_get(audience, i))) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> GroupsOf(const json_t& claims, const std::vector<std::string>& path) {
  const json_t* at = path.empty() ? nullptr : &claims;
  for (const std::string& step : path) {
    at = json_object_get(at, step.c_str());
  }
  std::vector<std::string> groups;
  if (json_is_string(at)) {  // As OAuth's "scope": words.
    std::string_view text(json_string_value(at), json_string_length(at));
    while (!text.empty() && groups.size() < kGroupsMax) {
      const std::string_view word = text.substr(0, text.find(' '));
      if (!word.empty()) {
        groups.emplace_back(word);
      }
      text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
  } else if (json_is_array(at)) {
    for (std::size_t i = 0; i < std::min(json_array_size(at), kGroupsMax); ++i) {
      const json_t* const item = json_array_get(at, i);
      if (json_is_string(item)) {
        groups.emplace_back(json_string_value(item), json_string_length(item));
      }
    }
  }
  return groups;
}

// Who it is stands in logs: one line of printable characters.
bool IsSubject(std::string_view text) {
  return !text.empty() && text.size() <= kSubjectBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

Status CheckHeader(const json_t& header, const Issuer& issuer, const KeySet::Key*& key) {
  const std::string_view name = TextOf(header, "alg");
  const Algorithm* const algorithm = FindAlgorithm(name);
  if (algorithm == nullptr || std::find(issuer.algorithms.begin(), issuer.algorithms.end(), name) ==
                                  issuer.algorithms.end()) {
    return No("TOKEN_ALGORITHM", "the token is not signed by an algorithm that is allowed here");
  }
  // Extensions that must be understood (RFC 7515 4.1.11): we know none.
  const std::string_view type = TextOf(header, "typ");
  if (json_object_get(&header, "crit") != nullptr ||
      (!type.empty() && type != "JWT" && type != "jwt" && type != "at+jwt")) {
    return Malformed();
  }
  key = issuer.keys.Find(TextOf(header, "kid"));
  if (key == nullptr) {
    return No("TOKEN_KEY_UNKNOWN", "the token names no key of its issuer that is known here");
  }
  const bool fits = key->type == algorithm->key && key->curve == algorithm->curve &&
                    (key->algorithm.empty() || key->algorithm == name);
  return fits ? Status::Ok()
              : No("TOKEN_ALGORITHM", "the token's algorithm is not the one of the key it names");
}

Status CheckTimes(const json_t& claims, const Issuer& issuer, Instant now, Instant& expires) {
  const std::optional<Instant> end = TimeOf(claims, "exp");
  if (!end) {
    return Malformed();  // One that never ends is not accepted.
  }
  expires = *end;
  if (now >= *end + issuer.leeway) {
    return No("TOKEN_EXPIRED", "the token has expired; get another one");
  }
  for (const char* const name : {"nbf", "iat"}) {
    if (json_object_get(&claims, name) == nullptr) {
      continue;
    }
    const std::optional<Instant> begin = TimeOf(claims, name);
    if (!begin) {
      return Malformed();
    }
    if (now < *begin - issuer.leeway) {
      return No("TOKEN_NOT_YET_VALID", "the token is not valid yet; do the clocks agree?");
    }
  }
  return Status::Ok();
}

}  // namespace

const Issuer* TokenVerifier::Find(std::string_view name) const {
  const auto found = std::find_if(issuers_.begin(), issuers_.end(),
                                  [&](const Issuer& issuer) { return issuer.name == name; });
  return found == issuers_.end() ? nullptr : &*found;
}

Result<TokenClaims> TokenVerifier::Verify(std::string_view token, Instant now) const {
  if (token.size() > kTokenBytesMax || !IsCompact(token)) {
    return Malformed();
  }
  const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
  if (jws == nullptr) {
    return Malformed();
  }
  std::uint8_t* payload = nullptr;
  std::size_t payload_bytes = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &payload, &payload_bytes, nullptr)) {
    return Malformed();
  }
  const Json claims =
      ParseObject(std::string_view(reinterpret_cast<const char*>(payload), payload_bytes));
  const json_t* const header = cjose_jws_get_protected(jws.get());
  if (claims == nullptr || header == nullptr) {
    return Malformed();
  }
  const Issuer* const issuer = Find(TextOf(*claims, "iss"));
  if (issuer == nullptr) {
    return No("TOKEN_ISSUER", "the token is of an issuer that is not known here");
  }
  const KeySet::Key* key = nullptr;
  KULANZ_RETURN_IF_ERROR(CheckHeader(*header, *issuer, key));
  if (!cjose_jws_verify(jws.get(), key->jwk.get(), nullptr)) {
    return No("TOKEN_SIGNATURE", "the token's signature is wrong");
  }
  // From here on the claims are the issuer's.
  if (!HasAudience(*claims, issuer->audiences)) {
    return No("TOKEN_AUDIENCE", "the token is for somebody else: its audience is not this service");
  }
  TokenClaims result;
  KULANZ_RETURN_IF_ERROR(CheckTimes(*claims, *issuer, now, result.expires));
  if (!IsSubject(TextOf(*claims, "sub"))) {
    return No("TOKEN_SUBJECT", "the token does not say whose it is");
  }
  result.usable_until = result.expires + issuer->leeway;
  result.issuer = issuer->name;
  result.subject = TextOf(*claims, "sub");
  result.groups = GroupsOf(*claims, issuer->groups_at);
  return result;
}

}  // namespace kulanz::jose
