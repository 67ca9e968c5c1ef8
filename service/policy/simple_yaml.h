// ReadSimpleYaml: the YAML that people write every day, many times faster than a reader of all YAML.
//
// Simple are: mappings, lists and flow collections ({}, []); keys that are plain words; text that is
// plain, in quotes, or a block (|, >); comments. A file with anything else (an error, an odd indentation,
// tabs, anchors, "null", escapes other than \" and \\) is left to yaml-cpp as a whole: only that decides
// what is YAML, and says what is wrong. So this reader may give up on any file, but where it does not, its
// tree is the same (a test compares the two on every file there is, and on their mutants).
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <optional>

#include "service/policy/source_file.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

struct SimpleYamlLimits {
  int depth = 0;
  std::size_t nodes = 0;
};

// `file` is well-formed UTF-8. Nothing: not simple, or beyond a limit.
std::optional<Node> ReadSimpleYaml(const SourceFile& file, const SimpleYamlLimits& limits);

}  // namespace kulanz::policy
