// PoolCipher: codes of pools, so encrypted that the store cannot read them.
//
// AES-256-GCM under a key from the secrets folder; the pool's name is authenticated with it. A seal names
// its key, so keys rotate by adding one: the latest whose time has come seals, all open. The first key also
// names codes, by a keyed hash: it must stay as long as there are pools. Thread-safety: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/published.h"
#include "service/base/aead.h"
#include "service/base/crypto.h"
#include "service/base/result.h"
#include "service/domain/pool_code.h"
#include "service/domain/time.h"
#include "service/ports/entropy.h"
#include "service/ports/store.h"

namespace kulanz::app {

struct PoolKey {
  std::string id;  // names it in seals: [a-z0-9-]{1,16}
  Instant used_from{};
  AeadKey key;
  HmacKey naming;
};

// From a secret's bytes.
PoolKey MakePoolKey(std::string id, Instant used_from, std::string_view secret);

class PoolCipher {
 public:
  // Without any key nothing can be sealed or opened.
  explicit PoolCipher(std::vector<PoolKey> keys = {});

  // From now on these.
  void Replace(std::vector<PoolKey> keys);

  // `now`: the store's. FAILED_PRECONDITION / POOLS_NOT_SET_UP without a key.
  Result<std::string> Seal(std::string_view pool, const PoolCode& code, Instant now,
                           ports::Entropy& entropy) const;
  // Names a code for good. FAILED_PRECONDITION / POOLS_NOT_SET_UP without a key.
  Result<ports::KeyHash> HashOf(const PoolCode& code) const;
  // INTERNAL / SECRET_MISSING when its key is not loaded; DATA_LOSS / RECORD_CORRUPT when it
  // does not open.
  Result<PoolCode> Open(std::string_view pool, std::string_view sealed) const;

 private:
  std::unique_ptr<Published<std::vector<PoolKey>>> keys_;  // by used_from, then id
};

}  // namespace kulanz::app
