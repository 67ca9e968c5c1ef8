#include "service/base/password_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace kulanz {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Status Unusable(const std::string& file, const std::string& why) {
  return Status(Code::kFailedPrecondition, "PASSWORD_FILE",
                "the password file " + file + " " + why);
}

}  // namespace

Result<std::string> ReadPasswordFile(const std::string& path) {
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) {
    return Unusable(path, "cannot be read: " + std::generic_category().message(errno));
  }
  // Room for "\r\n", and to notice one too many.
  std::array<char, kPasswordFileBytesMax + 3> bytes{};
  std::string password(bytes.data(), std::fread(bytes.data(), 1, bytes.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return Unusable(path, "cannot be read");
  }
  if (password.ends_with('\n')) {
    password.pop_back();
    if (password.ends_with('\r')) {
      password.pop_back();
    }
  }
  if (password.size() > kPasswordFileBytesMax) {
    return Unusable(path, "has more than " + std::to_string(kPasswordFileBytesMax) + " bytes");
  }
  if (password.empty()) {
    return Unusable(path, "is empty");
  }
  if (password.find_first_of("\r\n") != std::string::npos) {
    return Unusable(path, "has more than one line");
  }
  return password;
}

}  // namespace kulanz
