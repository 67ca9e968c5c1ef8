#include "service/app/pool_cipher.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace kulanz::app {
namespace {

// Seals are the key's id, a byte that no id has, and what AeadKey made.
constexpr char kEndOfId = '\0';

std::string ContextOf(std::string_view pool) {
  std::string context = "kulanz/pool-code/v1";
  context += '\0';
  context += pool;
  return context;
}

std::vector<PoolKey> Sorted(std::vector<PoolKey> keys) {
  std::sort(keys.begin(), keys.end(), [](const PoolKey& a, const PoolKey& b) {
    return std::tie(a.used_from, a.id) < std::tie(b.used_from, b.id);
  });
  return keys;
}

Status NoKey() {
  return Status(Code::kFailedPrecondition, "POOLS_NOT_SET_UP",
                "no secret for pools of codes is loaded; the secrets folder needs pool.secret");
}

}  // namespace

PoolKey MakePoolKey(std::string id, Instant used_from, std::string_view secret) {
  return {std::move(id), used_from, AeadKey(secret, "kulanz/pool-codes/v1"), HmacKey(secret)};
}

PoolCipher::PoolCipher(std::vector<PoolKey> keys)
    : keys_(std::make_unique<Published<std::vector<PoolKey>>>(Sorted(std::move(keys)))) {}

void PoolCipher::Replace(std::vector<PoolKey> keys) { keys_->Replace(Sorted(std::move(keys))); }

Result<std::string> PoolCipher::Seal(std::string_view pool, const PoolCode& code, Instant now,
                                     ports::Entropy& entropy) const {
  const std::vector<PoolKey>& keys = keys_->Current();
  if (keys.empty()) {
    return NoKey();
  }
  AeadKey::Nonce nonce;
  entropy.Fill(nonce);
  const PoolKey* latest = &keys.front();
  for (const PoolKey& key : keys) {
    latest = key.used_from <= now ? &key : latest;
  }
  return latest->id + kEndOfId + latest->key.Seal(nonce, ContextOf(pool), code.Reveal());
}

Result<ports::KeyHash> PoolCipher::HashOf(const PoolCode& code) const {
  const std::vector<PoolKey>& keys = keys_->Current();
  if (keys.empty()) {
    return NoKey();
  }
  const Sha256Digest mac =
      keys.front().naming.Sign({std::string_view("kulanz/pool-code/v1\0", 20), code.Reveal()});
  ports::KeyHash hash;
  std::copy_n(mac.begin(), hash.size(), hash.begin());
  return hash;
}

Result<PoolCode> PoolCipher::Open(std::string_view pool, std::string_view sealed) const {
  const std::vector<PoolKey>& keys = keys_->Current();
  const std::string_view id = sealed.substr(0, sealed.find(kEndOfId));
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [id](const PoolKey& candidate) { return candidate.id == id; });
  if (id.size() < sealed.size() && key == keys.end()) {
    return Status(Code::kInternal, "SECRET_MISSING",
                  "the secret '" + std::string(id) + "' that a code of a pool needs is not loaded");
  }
  if (key != keys.end() && id.size() < sealed.size()) {
    if (const auto text = key->key.Open(ContextOf(pool), sealed.substr(id.size() + 1))) {
      if (auto code = PoolCode::Parse(*text)) {
        return *std::move(code);
      }
    }
  }
  return Status(Code::kDataLoss, "RECORD_CORRUPT", "a stored code of a pool does not open");
}

}  // namespace kulanz::app
