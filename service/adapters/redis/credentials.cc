#include "service/adapters/redis/credentials.h"

#include <utility>

#include "service/adapters/redis/resp_writer.h"
#include "service/base/password_file.h"

namespace kulanz::redis {

std::optional<std::string> Credentials::AuthCommand() const {
  if (password.empty()) {
    return std::nullopt;
  }
  return user.empty() ? RespCommand({"AUTH", password}) : RespCommand({"AUTH", user, password});
}

Result<Credentials> ReadCredentials(const RedisAddress& address) {
  Credentials credentials{address.user, address.password};
  if (!address.password_file.empty()) {
    Result<std::string> password = ReadPasswordFile(address.password_file);
    if (!password.ok()) {
      return Status(Code::kUnavailable, "STORE_REFUSED", password.status().message());
    }
    credentials.password = *std::move(password);
  }
  return credentials;
}

}  // namespace kulanz::redis
