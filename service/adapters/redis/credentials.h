// Credentials: whom a connection logs in as.
#pragma once

#include <optional>
#include <string>

#include "service/adapters/redis/address.h"
#include "service/base/result.h"

namespace kulanz::redis {

// Holds the password: never printed.
struct Credentials {
  std::string user;      // empty: Redis' default user
  std::string password;  // empty: no AUTH
  friend bool operator==(const Credentials&, const Credentials&) = default;

  // The AUTH command as Redis reads it; nothing when there is no password.
  std::optional<std::string> AuthCommand() const;
};

// Of the address, or of its password file as it is now. UNAVAILABLE / STORE_REFUSED when that cannot be
// read, is empty, or has more than kPasswordBytesMax bytes or more than one line; the message names the
// file and nothing that is in it. Thread-safe; reads a file, nothing else.
Result<Credentials> ReadCredentials(const RedisAddress& address);

}  // namespace kulanz::redis
