#include "service/app/key_ring.h"

#include <algorithm>
#include <utility>

#include "service/base/check.h"

namespace kulanz::app {

KeyRing::KeyRing(std::vector<DatedKey> keys) : keys_(std::move(keys)) {
  KULANZ_CHECK(!keys_.empty(), "a purpose needs a secret");
  std::sort(keys_.begin(), keys_.end(),
            [](const DatedKey& a, const DatedKey& b) { return a.used_from < b.used_from; });
  for (std::size_t i = 1; i < keys_.size(); ++i) {
    KULANZ_CHECK(keys_[i - 1].used_from < keys_[i].used_from, "one secret at a time is used");
  }
}

const DatedKey* KeyRing::At(Instant instant) const {
  const auto after =
      std::upper_bound(keys_.begin(), keys_.end(), instant,
                       [](Instant at, const DatedKey& key) { return at < key.used_from; });
  return after == keys_.begin() ? nullptr : &*std::prev(after);
}

const DatedKey* KeyRing::Find(std::string_view id) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [id](const DatedKey& key) { return key.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace kulanz::app
