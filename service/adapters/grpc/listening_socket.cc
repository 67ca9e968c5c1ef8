#include "service/adapters/grpc/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace kulanz::rpc {
namespace {

constexpr int kSocketFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

Status CannotListen(const std::string& address, const std::string& why) {
  return Status(Code::kUnavailable, "CANNOT_LISTEN", "cannot listen on " + address + ": " + why);
}

std::string Why(int error) {
  if (error == EADDRINUSE) {
    return "it is in use by another program";
  }
  return error == EADDRNOTAVAIL ? "it is no address of this machine" : std::strerror(error);
}

void Switch(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof(value));
}

// getaddrinfo takes a number that is too large modulo 65,536.
bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses Resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    found = nullptr;
  }
  return {found, freeaddrinfo};
}

// A listening socket, or what went wrong as errno.
std::pair<FileDescriptor, int> Bind(const sockaddr& address, socklen_t size) {
  FileDescriptor made(socket(address.sa_family, kSocketFlags, 0));
  if (!made.valid()) {
    return {FileDescriptor(), errno};
  }
  if (address.sa_family != AF_UNIX) {
    Switch(made.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    Switch(made.get(), IPPROTO_TCP, TCP_NODELAY, 1);  // accepted connections inherit it
  }
  if (address.sa_family == AF_INET6) {
    Switch(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  if (bind(made.get(), &address, size) != 0 || listen(made.get(), SOMAXCONN) != 0) {
    return {FileDescriptor(), errno};
  }
  return {std::move(made), 0};
}

in_port_t PortOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                       : reinterpret_cast<const sockaddr_in&>(address).sin_port;
}

void SetPort(sockaddr_storage& address, in_port_t port) {
  (address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                 : reinterpret_cast<sockaddr_in&>(address).sin_port) = port;
}

}  // namespace

Result<ListeningSockets> ListeningSockets::Open(const std::string& address) {
  constexpr std::string_view kUnix = "unix:";
  ListeningSockets sockets;
  if (address.starts_with(kUnix)) {
    KULANZ_RETURN_IF_ERROR(sockets.OpenUnix(address.substr(kUnix.size())));
    return sockets;
  }
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return CannotListen(address, "it has no port");
  }
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.empty() || host.find(':') != std::string::npos) {
    return CannotListen(address, "write it as host:port, with an IPv6 address in [ ]");
  }
  KULANZ_RETURN_IF_ERROR(sockets.OpenTcp(host, address.substr(colon + 1)));
  return sockets;
}

Status ListeningSockets::OpenTcp(const std::string& host, const std::string& port) {
  const std::string address = host + ":" + port;
  if (!IsPort(port)) {
    return CannotListen(address, "its port is no number up to 65535");
  }
  const Addresses found = Resolve(host, port);
  if (found == nullptr) {
    return CannotListen(address, "nothing is known by that name");
  }
  int error = 0;
  in_port_t taken = 0;
  for (const addrinfo* next = found.get(); next != nullptr; next = next->ai_next) {
    sockaddr_storage where{};
    std::memcpy(&where, next->ai_addr, next->ai_addrlen);
    if (taken != 0) {
      SetPort(where, taken);
    }
    auto [made, why] = Bind(reinterpret_cast<const sockaddr&>(where), next->ai_addrlen);
    if (!made.valid()) {
      error = why;
      if (why == EADDRINUSE) {
        break;
      }
      continue;  // e.g. localhost is ::1, too, where there is no IPv6
    }
    socklen_t size = sizeof(where);
    getsockname(made.get(), reinterpret_cast<sockaddr*>(&where), &size);
    taken = PortOf(where);
    sockets_.push_back(std::move(made));
  }
  if (sockets_.empty() && error == EAFNOSUPPORT && host == "::") {
    return OpenTcp("0.0.0.0", port);
  }
  if (sockets_.empty() || error == EADDRINUSE) {
    return CannotListen(address, Why(error));
  }
  port_ = ntohs(taken);
  return Status::Ok();
}

Status ListeningSockets::OpenUnix(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(where.sun_path)) {
    return CannotListen("unix:" + path, "the path is empty, or too long for a socket");
  }
  path.copy(where.sun_path, path.size());
  struct stat there {};
  if (lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) {
    unlink(path.c_str());
  }
  auto [made, why] = Bind(reinterpret_cast<const sockaddr&>(where), sizeof(where));
  if (!made.valid()) {
    return CannotListen("unix:" + path, Why(why));
  }
  sockets_.push_back(std::move(made));
  path_ = path;
  return Status::Ok();
}

ListeningSockets::ListeningSockets(ListeningSockets&& other) noexcept
    : sockets_(std::move(other.sockets_)),
      path_(std::exchange(other.path_, {})),
      port_(std::exchange(other.port_, 0)) {}

std::vector<int> ListeningSockets::descriptors() const {
  std::vector<int> out;
  for (const FileDescriptor& socket : sockets_) {
    out.push_back(socket.get());
  }
  return out;
}

sockaddr_storage ListeningSockets::OwnAddress() const {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  getsockname(sockets_.front().get(), reinterpret_cast<sockaddr*>(&address), &size);
  if (address.ss_family == AF_INET) {
    in_addr& host = reinterpret_cast<sockaddr_in&>(address).sin_addr;
    host.s_addr = host.s_addr == htonl(INADDR_ANY) ? htonl(INADDR_LOOPBACK) : host.s_addr;
  } else if (address.ss_family == AF_INET6) {
    in6_addr& host = reinterpret_cast<sockaddr_in6&>(address).sin6_addr;
    host = IN6_IS_ADDR_UNSPECIFIED(&host) ? in6addr_loopback : host;
  }
  return address;
}

void ListeningSockets::Close() {
  sockets_.clear();
  if (!path_.empty()) {
    unlink(path_.c_str());
    path_.clear();
  }
}

}  // namespace kulanz::rpc
