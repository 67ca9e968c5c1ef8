// TokenCache: tokens that were found good lately, so that not every call pays for a signature (RS256 90 µs, ES256
// 220 µs on two shared virtual cores).
//
// A token is found by its SHA-256, and is not kept. An entry is good until the token expires, and no longer than
// the rules that it was judged by: each set of rules has a cache of its own. When it is full it begins anew.
//
// Thread-safety: any thread.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "service/app/roles.h"
#include "service/base/crypto.h"
#include "service/domain/time.h"

namespace kulanz::server {

inline constexpr std::size_t kTokensCachedMax = 4096;

class TokenCache {
 public:
  struct Entry {
    std::string id;
    app::RoleSet roles;
    Instant verified_at{};
    Instant usable_until{};  // it is refused from then on
  };

  std::optional<Entry> Find(std::string_view token, Instant now) const {
    const std::string key = KeyOf(token);
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    // A clock that was set back may be before the token's beginning.
    const bool good = found != entries_.end() && now < found->second.usable_until &&
                      now >= found->second.verified_at;
    return good ? std::optional(found->second) : std::nullopt;
  }
  void Put(std::string_view token, Entry entry) {
    std::string key = KeyOf(token);
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kTokensCachedMax) {
      entries_.clear();
    }
    entries_.insert_or_assign(std::move(key), std::move(entry));
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  static std::string KeyOf(std::string_view token) { return std::string(AsView(Sha256(token))); }

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // under mutex_
};

}  // namespace kulanz::server
