// RedisAddress from a URL.
#include <sys/un.h>

#include <charconv>
#include <optional>
#include <utility>

#include "service/adapters/redis/address.h"
#include "service/adapters/redis/decimal_digits.h"

namespace kulanz::redis {
namespace {

struct Scheme {
  std::string_view prefix;
  Topology topology;
  bool tls;
};
constexpr Scheme kSchemes[] = {
    {"redis://", Topology::kStandalone, false},
    {"rediss://", Topology::kStandalone, true},
    {"redis+sentinel://", Topology::kSentinel, false},
    {"rediss+sentinel://", Topology::kSentinel, true},
    {"redis+cluster://", Topology::kCluster, false},
    {"rediss+cluster://", Topology::kCluster, true},
};
constexpr std::string_view kUnixScheme = "unix://";
constexpr std::uint16_t kRedisPort = 6379;
constexpr std::uint16_t kSentinelPort = 26379;
constexpr int kDatabaseMax = 16383;  // of what redis.conf may set
constexpr std::size_t kMasterNameBytesMax = 128;
// A socket path with its final NUL has to fit into sockaddr_un.
constexpr std::size_t kUnixPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

Status BadUrl(std::string message) {
  return Status(Code::kInvalidArgument, "REDIS_URL", std::move(message));
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded.push_back(text[at]);
      continue;
    }
    unsigned byte = 0;
    const std::string_view digits = text.substr(at + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + digits.size()) {
      return std::nullopt;
    }
    decoded.push_back(static_cast<char>(byte));
    at += 2;
  }
  return decoded;
}

Status ParseCredentials(std::string_view text, RedisAddress& address) {
  const std::size_t colon = text.find(':');
  const std::optional<std::string> user =
      PercentDecode(colon == std::string_view::npos ? std::string_view{} : text.substr(0, colon));
  const std::optional<std::string> password =
      PercentDecode(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!user || !password) {
    return BadUrl("user or password has a '%' that two hexadecimal digits do not follow");
  }
  if (password->empty()) {
    return BadUrl("the password before '@' is empty");
  }
  if (password->size() > kPasswordBytesMax || user->size() > kPasswordBytesMax) {
    return BadUrl("user and password have at most kPasswordBytesMax of " +
                  std::to_string(kPasswordBytesMax) + " bytes");
  }
  address.user = *user;
  address.password = *password;
  return Status::Ok();
}

Result<Endpoint> ParseEndpoint(std::string_view text, std::uint16_t default_port) {
  Endpoint endpoint{"", default_port};
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {  // IPv6: [::1]:6379
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return BadUrl("an IPv6 host needs a ']'");
    }
    endpoint.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    has_port = text.starts_with(':');
    if (!text.empty() && !has_port) {
      return BadUrl("after ']' comes ':' and a port, or nothing");
    }
    port = text.substr(has_port ? 1 : 0);
  } else {
    const std::size_t colon = text.find(':');
    has_port = colon != std::string_view::npos;
    endpoint.host = text.substr(0, colon);
    port = has_port ? text.substr(colon + 1) : std::string_view{};
  }
  if (endpoint.host.empty()) {
    return BadUrl("the host is missing");
  }
  if (has_port) {
    const auto number = ParseNumber<std::uint16_t>(port);
    if (!number || *number == 0) {
      return BadUrl("the port is not a number from 1 to 65535");
    }
    endpoint.port = *number;
  }
  return endpoint;
}

Status ParseSeeds(std::string_view text, std::uint16_t default_port, RedisAddress& address) {
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    KULANZ_ASSIGN_OR_RETURN(Endpoint seed, ParseEndpoint(text.substr(0, comma), default_port));
    address.seeds.push_back(std::move(seed));
    more = comma != std::string_view::npos;
    text.remove_prefix(more ? comma + 1 : text.size());
  }
  if (address.seeds.size() > kSeedsMax) {
    return BadUrl("at most kSeedsMax of " + std::to_string(kSeedsMax) + " hosts are named");
  }
  return Status::Ok();
}

Status ParseDatabase(std::string_view text, RedisAddress& address) {
  const auto database = ParseNumber<unsigned>(text, kDatabaseMax);
  if (!database) {
    return BadUrl("the database after '/' is not a number from 0 to " +
                  std::to_string(kDatabaseMax));
  }
  address.database = static_cast<int>(*database);
  return Status::Ok();
}

Status ParsePath(std::string_view path, RedisAddress& address) {
  if (address.topology == Topology::kSentinel) {
    const std::size_t slash = path.find('/');
    address.master_name = path.substr(0, slash);
    if (address.master_name.empty()) {
      return BadUrl("after the Sentinels comes '/' and the name of the master");
    }
    if (address.master_name.size() > kMasterNameBytesMax) {
      return BadUrl("the name of the master has at most " + std::to_string(kMasterNameBytesMax) +
                    " bytes");
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  if (path.empty()) {
    return Status::Ok();
  }
  if (address.topology == Topology::kCluster) {
    return BadUrl("a cluster has no database to name after '/'");
  }
  return ParseDatabase(path, address);
}

Status ParseRest(std::string_view rest, RedisAddress& address) {
  // The last '@': a password may hold one.
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    KULANZ_RETURN_IF_ERROR(ParseCredentials(rest.substr(0, at), address));
    rest.remove_prefix(at + 1);
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return BadUrl("'?' and '#' have no meaning here; options are set in the configuration");
  }
  const std::size_t slash = rest.find('/');
  const std::string_view hosts = rest.substr(0, slash);
  if (address.topology == Topology::kStandalone) {
    KULANZ_ASSIGN_OR_RETURN(Endpoint server, ParseEndpoint(hosts, kRedisPort));
    address.host = std::move(server.host);
    address.port = server.port;
  } else {
    const bool sentinels = address.topology == Topology::kSentinel;
    KULANZ_RETURN_IF_ERROR(ParseSeeds(hosts, sentinels ? kSentinelPort : kRedisPort, address));
  }
  return ParsePath(slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1),
                   address);
}

}  // namespace

Result<RedisAddress> ParseRedisUrl(std::string_view url) {
  RedisAddress address;
  if (url.starts_with(kUnixScheme)) {
    address.unix_path = url.substr(kUnixScheme.size());
    if (!address.unix_path.starts_with('/')) {
      return BadUrl("a Unix socket is named by an absolute path: unix:///path");
    }
    if (address.unix_path.size() > kUnixPathBytesMax) {
      return BadUrl("the path of the Unix socket has " + std::to_string(address.unix_path.size()) +
                    " bytes; the system allows " + std::to_string(kUnixPathBytesMax));
    }
    return address;
  }
  for (const Scheme& scheme : kSchemes) {
    if (url.starts_with(scheme.prefix)) {
      address.topology = scheme.topology;
      address.tls = scheme.tls;
      KULANZ_RETURN_IF_ERROR(ParseRest(url.substr(scheme.prefix.size()), address));
      return address;
    }
  }
  return BadUrl(
      "a store is named by redis://host:port/database, redis+sentinel://host:port,.../master, "
      "redis+cluster://host:port,... (rediss... with TLS), or unix:///path");
}

}  // namespace kulanz::redis
