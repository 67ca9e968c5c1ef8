// RedisAddress: where Redis is, how its servers are found, and how to get in.
//
//   redis://[user:password@]host[:port][/database]                       one server
//   redis+sentinel://[user:password@]host[:port],.../master[/database]   the master that Sentinels name
//   redis+cluster://[user:password@]host[:port],...                      a Redis Cluster, some nodes of it
//   unix:///path                                                         one server on this machine
//
// rediss://, rediss+sentinel:// and rediss+cluster:// are the same over TLS, to Sentinels as well. Ports
// are 6379, of Sentinels 26379, unless named. User and password may be percent-encoded;
// "redis://:password@host" has only a password. A password is better kept in a file: it is read for
// every connection, and again when it changes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/password_file.h"
#include "service/base/result.h"

namespace kulanz::redis {

// One server on TCP.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  // "host:6379", "[::1]:6379".
  std::string ToString() const;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

enum class Topology : std::uint8_t {
  kStandalone,
  kSentinel,  // `seeds` are Sentinels, asked for the master `master_name`
  kCluster,   // `seeds` are nodes, asked for the others
};

inline constexpr std::size_t kSeedsMax = 32;
inline constexpr std::size_t kPasswordBytesMax = kPasswordFileBytesMax;

// Files are PEM and read for each connection, so that a renewed certificate is used without a restart.
// The server's certificate is always verified; TLS 1.2 at least.
struct TlsOptions {
  std::string ca_file;           // empty: the authorities that the system trusts
  std::string certificate_file;  // of this client, with its chain; empty: none
  std::string key_file;
  // What the server's certificate must be made out to, and the name asked for (SNI). Empty: the host
  // that is connected to. Needed where Sentinels or a cluster name their servers by address.
  std::string verify_name;
  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

// Holds the password, so it is never printed as a whole: ToString leaves it out.
struct RedisAddress {
  Topology topology = Topology::kStandalone;
  std::string host;  // of a standalone server; empty for a Unix socket
  std::uint16_t port = 6379;
  std::string unix_path;        // empty for TCP
  std::vector<Endpoint> seeds;  // of the other topologies
  std::string master_name;
  bool tls = false;
  TlsOptions tls_options;
  std::string user;           // empty: Redis' default user
  std::string password;       // empty: no AUTH, unless there is a file
  std::string password_file;  // one line; a final newline does not count
  // Sentinels have users of their own; empty: they ask for no password.
  std::string sentinel_password_file;
  int database = 0;

  // The URL without user and password.
  std::string ToString() const;
  // One server of it, to be spoken to like a standalone one.
  RedisAddress At(const Endpoint& server) const;
  // The same for a Sentinel, which has no databases and its own password.
  RedisAddress AtSentinel(const Endpoint& sentinel) const;
  // OK or INVALID_ARGUMENT / REDIS_OPTIONS.
  Status Validate() const;
  friend bool operator==(const RedisAddress&, const RedisAddress&) = default;
};

// INVALID_ARGUMENT / REDIS_URL with a message that says what is wrong and shows no part of the URL
// before '@'.
Result<RedisAddress> ParseRedisUrl(std::string_view url);

}  // namespace kulanz::redis
