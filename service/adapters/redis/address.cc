#include "service/adapters/redis/address.h"

#include <utility>

namespace kulanz::redis {
namespace {

bool IsIpv6(std::string_view host) { return host.find(':') != std::string_view::npos; }

std::string JoinedEndpoints(const std::vector<Endpoint>& endpoints) {
  std::string text;
  for (const Endpoint& endpoint : endpoints) {
    text += (text.empty() ? "" : ",") + endpoint.ToString();
  }
  return text;
}

Status Bad(std::string message) {
  return Status(Code::kInvalidArgument, "REDIS_OPTIONS", std::move(message));
}

}  // namespace

std::string Endpoint::ToString() const {
  return (IsIpv6(host) ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string RedisAddress::ToString() const {
  if (!unix_path.empty()) {
    return "unix://" + unix_path;
  }
  const std::string scheme = tls ? "rediss" : "redis";
  switch (topology) {
    case Topology::kSentinel:
      return scheme + "+sentinel://" + JoinedEndpoints(seeds) + "/" + master_name + "/" +
             std::to_string(database);
    case Topology::kCluster:
      return scheme + "+cluster://" + JoinedEndpoints(seeds);
    case Topology::kStandalone:
      break;
  }
  return scheme + "://" + Endpoint{host, port}.ToString() + "/" + std::to_string(database);
}

RedisAddress RedisAddress::At(const Endpoint& server) const {
  RedisAddress one = *this;
  one.topology = Topology::kStandalone;
  one.seeds.clear();
  one.master_name.clear();
  one.sentinel_password_file.clear();
  one.host = server.host;
  one.port = server.port;
  return one;
}

RedisAddress RedisAddress::AtSentinel(const Endpoint& sentinel) const {
  RedisAddress one = At(sentinel);
  one.user.clear();
  one.password.clear();
  one.password_file = sentinel_password_file;
  one.database = 0;
  return one;
}

Status RedisAddress::Validate() const {
  const bool is_standalone = topology == Topology::kStandalone;
  if (is_standalone && host.empty() == unix_path.empty()) {
    return Bad("either a host or a Unix socket");
  }
  if (!is_standalone && (seeds.empty() || seeds.size() > kSeedsMax)) {
    return Bad("Sentinels or nodes: 1 to kSeedsMax of " + std::to_string(kSeedsMax));
  }
  if (topology == Topology::kSentinel && master_name.empty()) {
    return Bad("Sentinels are asked for a master by its name");
  }
  if (topology == Topology::kCluster && database != 0) {
    return Bad("a cluster has only database 0");
  }
  if (!password.empty() && !password_file.empty()) {
    return Bad("a password or a file with it, not both");
  }
  if (!user.empty() && password.empty() && password_file.empty()) {
    return Bad("a user needs a password or a file with it");
  }
  if (!sentinel_password_file.empty() && topology != Topology::kSentinel) {
    return Bad("a password for Sentinels goes with redis+sentinel:// only");
  }
  if (!tls && tls_options != TlsOptions{}) {
    return Bad("certificates go with rediss:// only");
  }
  if (tls && !unix_path.empty()) {
    return Bad("a Unix socket has no TLS");
  }
  if (tls_options.certificate_file.empty() != tls_options.key_file.empty()) {
    return Bad("a client certificate goes with its key");
  }
  return Status::Ok();
}

}  // namespace kulanz::redis
