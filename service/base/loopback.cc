#include "service/base/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace kulanz {

bool IsLoopbackHost(std::string_view host) {
  if (host.find('\0') != std::string_view::npos) {
    return false;  // inet_pton would read what is before it
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const std::string text(bracketed ? host.substr(1, host.size() - 2) : host);
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) == 1) {
    return std::memcmp(&six, &in6addr_loopback, sizeof(six)) == 0;
  }
  in_addr four{};
  if (!bracketed && inet_pton(AF_INET, text.c_str(), &four) == 1) {
    return (ntohl(four.s_addr) >> IN_CLASSA_NSHIFT) == IN_LOOPBACKNET;
  }
  return host == "localhost";
}

}  // namespace kulanz
