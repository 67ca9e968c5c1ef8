// RedisAccess: what an operator says of a Redis beside its URL, and the address that makes with it.
//
// Thread-safety: plain values.
#pragma once

#include <string>

#include "service/adapters/redis/address.h"
#include "service/base/result.h"

namespace CLI {
class App;
}

namespace kulanz::wiring {

struct RedisAccess {
  std::string user;
  std::string password_file;
  std::string sentinel_password_file;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string verify_name;
};

// --redis-user, --redis-password-file, ... and their KULANZ_* variables.
void AddRedisAccessOptions(CLI::App& app, RedisAccess& access);

// INVALID_ARGUMENT / REDIS_URL or REDIS_OPTIONS; also where the URL has a password in it.
Result<redis::RedisAddress> RedisAddressOf(const std::string& url, const RedisAccess& access);

}  // namespace kulanz::wiring
