// OutputFile: a file that is there as a whole or not at all.
//
// Written beside its place under another name and moved there by Commit; without Commit nothing stays.
// Thread-safety: none.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "service/base/status.h"

namespace kulanz::command {

class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // INVALID_ARGUMENT / FILE: it cannot be written, with the system's reason; also of Write and Commit.
  Status Open();
  Status Write(std::string_view text);
  Status Commit();

 private:
  Status Fail(const char* what);

  std::string path_;
  std::string temporary_;
  std::FILE* file_ = nullptr;
};

// The whole of a file at once.
Status WriteFile(const std::string& path, std::string_view text);

}  // namespace kulanz::command
