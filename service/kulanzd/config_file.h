// ConfigFile: kulanz.yaml as text, before any option is asked what it makes of it.
//
//   redis: redis://redis.internal:6379
//   initialise: true
//   event_types: [decision.granted, voucher.redeemed]
//
// One mapping, without nesting: `key: value`, or a list of values. What YAML readers guess or keep silent about
// (duplicate keys, anchors, several documents, ...) is refused: policy/yaml_reader.h says what. A file of comments
// only says nothing. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kulanz::server {

inline constexpr std::size_t kConfigBytesMax = std::size_t{64}
                                               << 10;  // every option and its comments: 10 KiB

struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;  // one, unless it is a list
  bool is_list = false;
  std::string key_place;  // "kulanz.yaml:12:1"
  std::string place;      // of the value
};

struct ConfigFile {
  std::vector<ConfigEntry> entries;  // keys are unique
  // Everything that is wrong, with its place and without any value: it may be a secret in the wrong file.
  std::vector<std::string> violations;
};

// A file that is not there, cannot be read, is no file or is too large is one violation.
ConfigFile ReadConfigFile(const std::string& path);

}  // namespace kulanz::server
