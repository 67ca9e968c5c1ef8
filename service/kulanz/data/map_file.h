// MapFile: the YAML of a map before it meets the data file whose columns it names.
//
// The separator of a CSV file stands in the map, and the map's columns in the CSV file; so the map is
// parsed first and its sources are read when the table is there. Thread-safety: immutable.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "service/base/result.h"
#include "service/policy/source_file.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::command {

class MapFile {
 public:
  // `path`: "" for an empty map. NOT_FOUND / FILE, INVALID_ARGUMENT / MAP.
  static Result<MapFile> Read(const std::string& path);

  // Of CSV files that the map is for; ',' unless the map says otherwise.
  char separator() const { return separator_; }
  // Null for an empty map.
  const policy::Node* root() const { return root_ ? &*root_ : nullptr; }
  const policy::SourceFile& file() const { return *file_; }
  const std::string& path() const { return file_->name(); }
  // Of the text, for resuming.
  std::string Digest() const;

 private:
  MapFile() = default;
  std::shared_ptr<const policy::SourceFile> file_;
  std::optional<policy::Node> root_;
  char separator_ = ',';
};

}  // namespace kulanz::command
