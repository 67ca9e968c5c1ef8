#include "service/wiring/redis_access.h"

#include <CLI/CLI.hpp>

namespace kulanz::wiring {

void AddRedisAccessOptions(CLI::App& app, RedisAccess& access) {
  app.add_option("--redis-user", access.user, "with --redis: log in as this user")
      ->envname("KULANZ_REDIS_USER");
  app.add_option("--redis-password-file", access.password_file,
                 "with --redis: the file that holds the password; read again when it changes")
      ->envname("KULANZ_REDIS_PASSWORD_FILE");
  app.add_option("--redis-sentinel-password-file", access.sentinel_password_file,
                 "with redis+sentinel://: the file that holds the password of the Sentinels")
      ->envname("KULANZ_REDIS_SENTINEL_PASSWORD_FILE");
  app.add_option("--redis-ca-file", access.ca_file,
                 "with rediss://: the authorities that the server's certificate is verified "
                 "against; default: those that the system trusts")
      ->envname("KULANZ_REDIS_CA_FILE");
  app.add_option("--redis-cert-file", access.certificate_file,
                 "with rediss://: the certificate to show to the server")
      ->envname("KULANZ_REDIS_CERT_FILE");
  app.add_option("--redis-key-file", access.key_file,
                 "with rediss://: the key of the certificate to show")
      ->envname("KULANZ_REDIS_KEY_FILE");
  app.add_option("--redis-verify-name", access.verify_name,
                 "with rediss://: what the server's certificate must be made out to; default: the "
                 "host that is connected to")
      ->envname("KULANZ_REDIS_VERIFY_NAME");
}

Result<redis::RedisAddress> RedisAddressOf(const std::string& url, const RedisAccess& access) {
  KULANZ_ASSIGN_OR_RETURN(redis::RedisAddress address, redis::ParseRedisUrl(url));
  // A URL is seen by everybody who lists processes, and kept by whoever keeps configurations.
  if (!address.password.empty()) {
    return Status(Code::kInvalidArgument, "REDIS_OPTIONS",
                  "a password does not belong into the URL but into a file: --redis-user, "
                  "--redis-password-file");
  }
  if (!access.user.empty()) {
    address.user = access.user;
  }
  address.password_file = access.password_file;
  address.sentinel_password_file = access.sentinel_password_file;
  address.tls_options = {.ca_file = access.ca_file,
                         .certificate_file = access.certificate_file,
                         .key_file = access.key_file,
                         .verify_name = access.verify_name};
  KULANZ_RETURN_IF_ERROR(address.Validate());
  return address;
}

}  // namespace kulanz::wiring
