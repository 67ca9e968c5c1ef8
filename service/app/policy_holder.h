// PolicyHolder: the active policy set, replaced as a whole and never by a bad one.
//
// Thread-safety: any thread. A use-case takes the set once and keeps it to its end, so one decision
// sees one revision.
//
// Freeing a large set takes milliseconds, and a request must not pay for it. So a set that was replaced
// is kept here until nobody else holds it, and freed by a later Replace, on the thread of the reload.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "service/policy/policy_set.h"

namespace kulanz::app {

class PolicyHolder {
 public:
  // Null until the first set was loaded.
  std::shared_ptr<const policy::PolicySet> Current() const {
    const std::lock_guard lock(mutex_);
    return set_;
  }
  void Replace(std::shared_ptr<const policy::PolicySet> set) {
    const std::lock_guard replacing(replace_mutex_);
    {
      const std::lock_guard lock(mutex_);
      set_.swap(set);
    }
    // Nobody can take a replaced set any more: who holds one alone stays alone.
    std::erase_if(replaced_, [](const auto& old) { return old.use_count() == 1; });
    if (set != nullptr) {
      replaced_.push_back(std::move(set));
    }
  }

 private:
  mutable std::mutex mutex_;  // of set_; held for a moment only, because requests wait for it
  std::shared_ptr<const policy::PolicySet> set_;
  std::mutex replace_mutex_;  // of replaced_
  std::vector<std::shared_ptr<const policy::PolicySet>> replaced_;
};

}  // namespace kulanz::app
