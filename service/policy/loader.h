// LoadPolicySet: from files to a checked, immutable PolicySet, or to everything that is wrong with them.
//
// The server loads with it at start and on reload, `kulanz check` prints what it says, tests and
// fuzzers hand it files from memory: nobody judges a policy differently from the server.
//
// The revision is the SHA-256 over the files that decide (incidents.yaml, people.yaml, policies/*.yaml):
// for each, in the order of their names, "<name>\0<size>\0<text>". Message texts do not decide, so they
// do not change it.
//
// Thread-safe. Never throws. The same files always give the same diagnostics in the same order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "service/policy/diagnostic.h"
#include "service/policy/policy_files.h"
#include "service/policy/policy_set.h"

namespace kulanz::policy {

struct LoadResult {
  std::shared_ptr<const PolicySet> policies;  // null when a diagnostic is an error
  Diagnostics diagnostics;                    // sorted; may hold warnings beside a policy set
  std::vector<std::string> files;             // that were looked at, relative to the folder, sorted
  bool ok() const { return policies != nullptr; }
};

// `directory`: see policy_files.h for its layout.
LoadResult LoadPolicySet(const std::string& directory);
LoadResult LoadPolicySet(const PolicyFiles& files);

}  // namespace kulanz::policy
