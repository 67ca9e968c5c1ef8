// PolicyHolder: the active policy set, replaced as a whole and never by a bad one.
//
// Thread-safety: any thread. A use-case takes the set once and keeps it to its end, so one decision
// sees one revision.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

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
    const std::lock_guard lock(mutex_);
    set_.swap(set);  // the old one is freed after the lock, or by its last user
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const policy::PolicySet> set_;
};

}  // namespace kulanz::app
