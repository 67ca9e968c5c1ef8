// TemporaryFile: a file with this text, for the length of a scope.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace kulanz::server {

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    const int file = mkstemp(path_.data());
    EXPECT_GE(file, 0);
    EXPECT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(file);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }
  // What begins with its name, which tests do not know: "FILE:3:1: ...".
  std::string Named(std::string text) const {
    for (std::size_t at = 0; (at = text.find(path_, at)) != std::string::npos;) {
      text.replace(at, path_.size(), "FILE");
    }
    return text;
  }

 private:
  std::string path_ = ::testing::TempDir() + "kulanz-XXXXXX";
};

}  // namespace kulanz::server
