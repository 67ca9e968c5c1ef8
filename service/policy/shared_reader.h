// Reads shared/*.yaml: variables that several policies import. Their expressions are checked in each policy
// that imports them, against that policy's incidents.
//
// Thread-safe. Problems go to the context's sink.
#pragma once

#include <optional>
#include <string>

#include "service/policy/fields.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

struct SharedVariables {
  std::string name;  // empty when it could not be read
  const SourceFile* file = nullptr;
  TextSpan span;                    // of the name
  const Node* variables = nullptr;  // null when there are none
};

// `root` outlives the result.
SharedVariables ReadShared(const FileContext& context, const Node& root);

}  // namespace kulanz::policy
