// Environment: a variable of this process for the length of a scope. One thread.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>

namespace kulanz::server {

class Environment {
 public:
  // NOLINTBEGIN(concurrency-mt-unsafe): tests of what is read before there are threads
  Environment(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Environment() { unsetenv(name_.c_str()); }
  // NOLINTEND(concurrency-mt-unsafe)
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const std::string name_;
};

}  // namespace kulanz::server
