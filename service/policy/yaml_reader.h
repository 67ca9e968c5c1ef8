// ReadYaml: strict YAML. What YAML readers commonly guess, merge or keep silent about is an error here.
//
// Refused with a position: broken UTF-8 and control characters, duplicate keys, keys that are no text,
// anchors, aliases, tags, more than one document, and files that are too large, too deep or have too
// many nodes. Numbers, booleans and dates stay text until a field asks for them (scalars.h).
//
// Thread-safe. Exceptions of yaml-cpp end here.
#pragma once

#include <cstddef>
#include <optional>

#include "service/policy/diagnostic.h"
#include "service/policy/source_file.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

inline constexpr std::size_t kYamlBytesMax = std::size_t{1} << 20;  // a person cannot review more
inline constexpr int kYamlDepthMax = 32;  // a policy needs 5; the tree is walked recursively
inline constexpr std::size_t kYamlNodesMax = 50'000;  // bounds memory and time of a hostile file

// The document's root, or nothing when the file is empty or could not be parsed to its end. Problems go
// to `sink`; a tree that is returned may come with some, so that the checks after it can add theirs.
std::optional<Node> ReadYaml(const SourceFile& file, DiagnosticSink& sink);

// The same of a file without odd bytes, always by yaml-cpp: what ReadYaml falls back on where a file is
// not simple (simple_yaml.h), and what that is compared with.
std::optional<Node> ReadAnyYaml(const SourceFile& file, DiagnosticSink& sink);

}  // namespace kulanz::policy
