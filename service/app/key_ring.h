// KeyRing: the secrets of one purpose, each used from an instant on; the one before stays for what is older.
//
// Thread-safety: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/base/crypto.h"
#include "service/domain/time.h"

namespace kulanz::app {

struct DatedKey {
  std::string id;                   // names it in records and logs: [a-z0-9-]{1,16}
  Instant used_from = kMinInstant;  // default: from ever
  HmacKey key;
};

class KeyRing {
 public:
  // At least one, no two with the same id or the same `used_from` (checked).
  explicit KeyRing(std::vector<DatedKey> keys);

  // The one that is used at `instant`; nothing before the first one's time: its key is not known here, and
  // another one would give other results.
  const DatedKey* At(Instant instant) const;
  const DatedKey* Find(std::string_view id) const;
  // By used_from, ascending.
  const std::vector<DatedKey>& keys() const { return keys_; }

 private:
  std::vector<DatedKey> keys_;
};

}  // namespace kulanz::app
