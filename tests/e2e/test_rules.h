// Policies for a test, in a directory of its own that the test may change.
#pragma once

#include <string>

namespace kulanz::e2e {

// A fresh directory below the system's temporary one; removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Copies tests/e2e/<name> to `directory`, with the messages of rules/ that its policies use.
void CopyRules(const std::string& name, const std::string& directory);

void WriteFile(const std::string& path, const std::string& text);
std::string ReadFile(const std::string& path);

}  // namespace kulanz::e2e
