#include "service/adapters/redis/credentials.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "service/adapters/redis/resp_writer.h"

namespace kulanz::redis {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Status Unusable(const std::string& file, const std::string& why) {
  return Status(Code::kUnavailable, "STORE_REFUSED", "the password file " + file + " " + why);
}

Result<std::string> ReadPassword(const std::string& path) {
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) {
    return Unusable(path, "cannot be read: " + std::generic_category().message(errno));
  }
  std::array<char, kPasswordBytesMax + 3> bytes{};  // room for "\r\n", and to notice one too many
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
  if (password.size() > kPasswordBytesMax) {
    return Unusable(path, "has more than " + std::to_string(kPasswordBytesMax) + " bytes");
  }
  if (password.empty()) {
    return Unusable(path, "is empty");
  }
  if (password.find_first_of("\r\n") != std::string::npos) {
    return Unusable(path, "has more than one line");
  }
  return password;
}

}  // namespace

std::optional<std::string> Credentials::AuthCommand() const {
  if (password.empty()) {
    return std::nullopt;
  }
  return user.empty() ? RespCommand({"AUTH", password}) : RespCommand({"AUTH", user, password});
}

Result<Credentials> ReadCredentials(const RedisAddress& address) {
  Credentials credentials{address.user, address.password};
  if (!address.password_file.empty()) {
    KULANZ_ASSIGN_OR_RETURN(credentials.password, ReadPassword(address.password_file));
  }
  return credentials;
}

}  // namespace kulanz::redis
