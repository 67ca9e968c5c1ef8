#include "service/kulanzd/trusted_callers.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace kulanz::server {
namespace {

using Address = std::array<std::uint8_t, 16>;
constexpr std::array<std::string_view, 2> kLoopback = {"127.0.0.0/8", "::1"};
constexpr int kIpv4Offset = 96;  // bits before an IPv4 address that is mapped into IPv6

struct Parsed {
  Address address{};
  bool is_ipv4 = false;
};

std::optional<Parsed> ParseAddress(const std::string& text) {
  Parsed parsed;
  if (inet_pton(AF_INET, text.c_str(), parsed.address.data() + 12) == 1) {
    parsed.address[10] = 0xff;
    parsed.address[11] = 0xff;
    parsed.is_ipv4 = true;
    return parsed;
  }
  if (inet_pton(AF_INET6, text.c_str(), parsed.address.data()) == 1) {
    return parsed;
  }
  return std::nullopt;
}

bool Shares(const Address& a, const Address& b, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto byte = static_cast<std::size_t>(i / 8);
    const auto mask = static_cast<std::uint8_t>(0x80U >> (i % 8));
    if ((a.at(byte) & mask) != (b.at(byte) & mask)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<TrustedCallers::Network> TrustedCallers::ParseNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto parsed = ParseAddress(std::string(text.substr(0, slash)));
  const int most = parsed && parsed->is_ipv4 ? 128 - kIpv4Offset : 128;
  int bits = most;
  bool good = parsed.has_value();
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    good = good && error == std::errc() && end == length.data() + length.size() && bits >= 0 &&
           bits <= most;
  }
  if (!good) {
    return Status(Code::kInvalidArgument, "TRUSTED_CALLERS",
                  "'" + std::string(text) +
                      "' is no trusted caller; say all, none, or a list of addresses, networks "
                      "such as 10.1.0.0/16, loopback and local");
  }
  return Network{parsed->address, parsed->is_ipv4 ? bits + kIpv4Offset : bits};
}

Result<TrustedCallers> TrustedCallers::Parse(std::string_view text) {
  TrustedCallers callers;
  callers.all_ = text == "all";
  if (callers.all_ || text == "none") {
    return callers;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view entry = text.substr(begin, end - begin);
    if (entry == "local" || entry == "loopback") {
      callers.local_ = true;
    }
    if (entry == "loopback") {
      for (const std::string_view network : kLoopback) {
        KULANZ_ASSIGN_OR_RETURN(const Network loopback, ParseNetwork(network));
        callers.networks_.push_back(loopback);
      }
    } else if (entry != "local") {
      KULANZ_ASSIGN_OR_RETURN(const Network network, ParseNetwork(entry));
      callers.networks_.push_back(network);
    }
    begin = end + 1;
  }
  return callers;
}

bool TrustedCallers::IsTrusted(const app::Caller& caller) const {
  if (caller.authenticated) {
    return app::IsTrustedByRole(caller);
  }
  if (all_) {
    return true;
  }
  if (caller.address.empty()) {
    return local_ && (caller.id == "unix" || caller.id == "inproc");
  }
  const auto address = ParseAddress(caller.address);
  return address && std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return Shares(address->address, network.address, network.bits);
         });
}

}  // namespace kulanz::server
