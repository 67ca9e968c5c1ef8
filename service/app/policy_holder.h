// PolicyHolder: the active policy set, replaced as a whole and never by a bad one.
//
// Thread-safety: any thread. A use-case takes the set once and keeps it to its end, so one decision
// sees one revision.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "service/policy/policy_set.h"

namespace kulanz::app {

class PolicyHolder {
 public:
  // Null until the first set was loaded.
  std::shared_ptr<const policy::PolicySet> Current() const { return std::atomic_load(&set_); }
  void Replace(std::shared_ptr<const policy::PolicySet> set) {
    std::atomic_store(&set_, std::move(set));
  }

 private:
  std::shared_ptr<const policy::PolicySet> set_;
};

}  // namespace kulanz::app
