#include "service/adapters/grpc/caller.h"

#include <arpa/inet.h>
#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace kulanz::rpc {
namespace {

// gRPC escapes the brackets of IPv6 addresses, older ones do not.
std::string Unescaped(std::string_view text) {
  std::string out(text);
  for (const auto& [escaped, plain] :
       {std::pair<std::string_view, char>("%5B", '['), {"%5D", ']'}, {"%25", '%'}}) {
    for (auto at = out.find(escaped); at != std::string::npos; at = out.find(escaped)) {
      out.replace(at, escaped.size(), 1, plain);
    }
  }
  return out;
}

app::Caller Ipv6Caller(std::string_view rest) {
  std::string host = Unescaped(rest);
  const std::size_t end = host.rfind(']');
  if (!host.starts_with('[') || end == std::string::npos) {
    return {"ipv6:" + host, ""};
  }
  host = host.substr(1, end - 1);
  host = host.substr(0, host.find('%'));  // a zone such as %eth0
  in6_addr address{};
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) {
    return {"ipv6:" + host, ""};
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IN6_IS_ADDR_V4MAPPED(&address)) {  // one program on a dual-stack socket is one caller
    inet_ntop(AF_INET, &address.s6_addr[12], text.data(), text.size());
    return {"ipv4:" + std::string(text.data()), text.data()};
  }
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  const std::string whole = text.data();
  std::fill(std::begin(address.s6_addr) + 8, std::end(address.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return {"ipv6:" + std::string(text.data()) + "/64", whole};
}

}  // namespace

app::Caller CallerFromPeer(std::string_view peer) {
  const std::size_t colon = peer.find(':');
  const std::string_view scheme = peer.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : peer.substr(colon + 1);
  if (scheme == "ipv4") {
    const std::string host(rest.substr(0, rest.rfind(':')));
    return {"ipv4:" + host, host};
  }
  if (scheme == "ipv6") {
    return Ipv6Caller(rest);
  }
  return {std::string(scheme), ""};  // "unix", "inproc": of this machine
}

Credentials CredentialsOf(const grpc::CallbackServerContext& context) {
  Credentials shown;
  const auto authentication = context.auth_context();
  if (authentication != nullptr && authentication->IsPeerAuthenticated()) {
    shown.has_certificate = true;
    const auto all = [&](const char* property) {
      std::vector<std::string> values;
      for (const grpc::string_ref& value : authentication->FindPropertyValues(property)) {
        values.emplace_back(value.data(), value.size());
      }
      return values;
    };
    shown.uris = all(GRPC_PEER_URI_PROPERTY_NAME);
    shown.dns_names = all(GRPC_PEER_DNS_PROPERTY_NAME);
    if (const auto names = all(GRPC_X509_CN_PROPERTY_NAME); names.size() == 1) {
      shown.common_name = names.front();
    }
  }
  const auto [begin, end] = context.client_metadata().equal_range("authorization");
  for (auto at = begin; at != end; ++at) {
    shown.authorization.emplace_back(at->second.data(), at->second.size());
  }
  return shown;
}

app::Caller CallerOf(const grpc::CallbackServerContext& context) {
  return CallerFromPeer(context.peer());
}

Status RequireTrust(const app::CallerTrust& trust, const app::Caller& caller) {
  return caller.authenticated || trust.IsTrusted(caller)
             ? Status::Ok()
             : Status(Code::kPermissionDenied, "CALLER_NOT_TRUSTED",
                      "this call is for callers that the server was told to trust");
}

}  // namespace kulanz::rpc
