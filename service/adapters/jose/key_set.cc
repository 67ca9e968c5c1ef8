#include "service/adapters/jose/key_set.h"

#include <cjose/jwk.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "service/adapters/jose/base64url.h"
#include "service/adapters/jose/json.h"

namespace kulanz::jose {
namespace {

constexpr std::size_t kRsaBitsMin = 2048;
constexpr std::size_t kKeyIdBytesMax = 256;

Status Refused(std::string message) {
  return Status(Code::kInvalidArgument, "KEY_SET", "the key set " + std::move(message));
}

std::string_view CurveOf(std::size_t bits) {
  return bits == 256 ? "P-256" : bits == 384 ? "P-384" : bits == 521 ? "P-521" : "";
}

// Every part of a key that cjose would decode.
bool CanBeDecoded(const json_t& key) {
  constexpr std::array kParts = {"n", "e", "p", "q", "dp", "dq", "qi", "x", "y"};
  return std::all_of(kParts.begin(), kParts.end(),
                     [&](const char* part) { return IsBase64Url(TextOf(key, part)); });
}

// Nothing when the key is of no use to us.
std::optional<KeySet::Key> ReadKey(const json_t& json) {
  const std::string_view use = TextOf(json, "use");
  const std::string_view kty = TextOf(json, "kty");
  if ((!use.empty() && use != "sig") || (kty != "RSA" && kty != "EC") || !CanBeDecoded(json)) {
    return std::nullopt;
  }
  // cjose takes its argument as not constant, and changes nothing of it.
  cjose_jwk_t* const imported =
      cjose_jwk_import_json(const_cast<json_t*>(&json), nullptr);  // NOLINT
  if (imported == nullptr) {
    return std::nullopt;
  }
  KeySet::Key key;
  key.jwk = std::shared_ptr<_cjose_jwk_int>(imported, cjose_jwk_release);
  key.algorithm = TextOf(json, "alg");
  const std::size_t bits = cjose_jwk_get_keysize(imported, nullptr);
  if (kty == "EC") {
    key.type = KeyType::kEc;
    key.curve = CurveOf(bits);
  }
  const bool usable = kty == "EC" ? !key.curve.empty() : bits >= kRsaBitsMin;
  return usable ? std::optional(std::move(key)) : std::nullopt;
}

}  // namespace

Result<KeySet> KeySet::Parse(std::string_view text) {
  if (text.size() > kKeySetBytesMax) {
    return Refused("has more than " + std::to_string(kKeySetBytesMax) + " bytes");
  }
  const Json json = ParseObject(text);
  const json_t* const keys = json == nullptr ? nullptr : json_object_get(json.get(), "keys");
  if (!json_is_array(keys)) {
    return Refused("is no JSON object with a list 'keys' (RFC 7517)");
  }
  if (json_array_size(keys) > kKeysMax) {
    return Refused("has more than " + std::to_string(kKeysMax) + " keys");
  }
  KeySet set;
  for (std::size_t i = 0; i < json_array_size(keys); ++i) {
    const json_t* const item = json_array_get(keys, i);
    if (!json_is_object(item)) {
      return Refused("has something else than keys in its list");
    }
    if (json_object_get(item, "d") != nullptr) {
      return Refused("holds a private key; it must have the public ones only");
    }
    const std::string_view kid = TextOf(*item, "kid");
    std::optional<Key> key = ReadKey(*item);
    if (!key || kid.empty() || kid.size() > kKeyIdBytesMax) {
      continue;
    }
    if (!set.keys_.emplace(kid, *std::move(key)).second) {
      return Refused("has two keys of one kid");
    }
  }
  if (set.keys_.empty()) {
    return Refused("has no key that can be used: RSA of 2048 bits or more, or EC, each with a kid");
  }
  return set;
}

const KeySet::Key* KeySet::Find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace kulanz::jose
