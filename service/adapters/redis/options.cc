#include "service/adapters/redis/options.h"

#include <sys/un.h>

#include <charconv>

namespace kulanz::redis {
namespace {

constexpr std::string_view kTcpScheme = "redis://";
constexpr std::string_view kUnixScheme = "unix://";
constexpr int kDatabaseMax = 16383;  // of what redis.conf may set
// A socket path with its final NUL has to fit into sockaddr_un.
constexpr std::size_t kUnixPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;

Status BadUrl(std::string message) {
  return Status(Code::kInvalidArgument, "REDIS_URL", std::move(message));
}

std::optional<int> ParseNumber(std::string_view text, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 0 ||
      number > max) {
    return std::nullopt;
  }
  return number;
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
  address.user = *user;
  address.password = *password;
  return Status::Ok();
}

Status ParseHostAndPort(std::string_view text, RedisAddress& address) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {  // IPv6: [::1]:6379
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return BadUrl("an IPv6 host needs a ']'");
    }
    address.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    has_port = text.starts_with(':');
    if (!text.empty() && !has_port) {
      return BadUrl("after ']' comes ':' and a port, or nothing");
    }
    port = text.substr(has_port ? 1 : 0);
  } else {
    const std::size_t colon = text.find(':');
    has_port = colon != std::string_view::npos;
    address.host = text.substr(0, colon);
    port = has_port ? text.substr(colon + 1) : std::string_view{};
  }
  if (address.host.empty()) {
    return BadUrl("the host is missing");
  }
  if (has_port) {
    const std::optional<int> number = ParseNumber(port, 65535);
    if (!number || *number == 0) {
      return BadUrl("the port is not a number from 1 to 65535");
    }
    address.port = static_cast<std::uint16_t>(*number);
  }
  return Status::Ok();
}

Status ParseTcp(std::string_view rest, RedisAddress& address) {
  // The last '@': a password may hold one.
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    KULANZ_RETURN_IF_ERROR(ParseCredentials(rest.substr(0, at), address));
    rest.remove_prefix(at + 1);
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return BadUrl("'?' and '#' have no meaning here; options are set in the configuration");
  }
  const std::size_t slash = rest.find('/');
  KULANZ_RETURN_IF_ERROR(ParseHostAndPort(rest.substr(0, slash), address));
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    const std::optional<int> database = ParseNumber(rest.substr(slash + 1), kDatabaseMax);
    if (!database) {
      return BadUrl("the database after '/' is not a number from 0 to " +
                    std::to_string(kDatabaseMax));
    }
    address.database = *database;
  }
  return Status::Ok();
}

}  // namespace

std::string RedisAddress::ToString() const {
  if (!unix_path.empty()) {
    return std::string(kUnixScheme) + unix_path;
  }
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return std::string(kTcpScheme) + (is_ipv6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port) + "/" + std::to_string(database);
}

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
  if (url.starts_with(kTcpScheme)) {
    KULANZ_RETURN_IF_ERROR(ParseTcp(url.substr(kTcpScheme.size()), address));
    return address;
  }
  if (url.starts_with("rediss://")) {
    return BadUrl("rediss:// (TLS) is not supported yet");
  }
  return BadUrl("a store is named by redis://host:port/database or unix:///path");
}

Status RedisOptions::Validate() const {
  const auto bad = [](std::string message) {
    return Status(Code::kInvalidArgument, "REDIS_OPTIONS", std::move(message));
  };
  if (address.host.empty() == address.unix_path.empty()) {
    return bad("either a host or a Unix socket");
  }
  if (connections == 0 || connections > kConnectionsMax) {
    return bad("connections: 1 to kConnectionsMax of " + std::to_string(kConnectionsMax));
  }
  if (calls_max == 0) {
    return bad("calls_max: at least 1");
  }
  if (connect_timeout <= Duration::zero() || reply_timeout <= Duration::zero() ||
      clock_interval <= Duration::zero()) {
    return bad("connect_timeout, reply_timeout and clock_interval are positive");
  }
  if (backoff_min <= Duration::zero() || backoff_max < backoff_min) {
    return bad("0 < backoff_min <= backoff_max");
  }
  if (replicas_to_wait > 0 && (wait_timeout <= Duration::zero() || wait_timeout >= reply_timeout)) {
    return bad("wait_timeout is positive and below reply_timeout");
  }
  return genesis ? genesis->Validate() : Status::Ok();
}

}  // namespace kulanz::redis
