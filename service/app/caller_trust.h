// CallerTrust: whether a caller is one of the shop's own programs, or anybody.
//
// Port within the application: who has proved who they are is judged by their roles, everybody else by their
// address. A trusted caller vouches for the customer that it names, and is told why a voucher is refused;
// everybody else gets one answer for every refusal. Thread-safety: any thread.
#pragma once

#include <string>

#include "service/app/roles.h"

namespace kulanz::app {

struct Caller {
  // What callers are told apart by: "ipv4:10.0.0.5", "ipv6:2001:db8:1:2::/64", "unix", "inproc"; of who has
  // proved who they are "spiffe://shop.example/checkout", "certificate:erp.internal", "token:ISSUER#SUBJECT".
  std::string id;
  std::string address;  // "10.0.0.5"; empty: it has none
  bool authenticated = false;
  RoleSet roles = {};
};

// Of authenticated callers.
inline bool IsTrustedByRole(const Caller& caller) {
  return caller.roles.HasAnyOf({Role::kRedeemer, Role::kAgent, Role::kOperator, Role::kAdmin});
}

class CallerTrust {
 public:
  virtual ~CallerTrust() = default;
  virtual bool IsTrusted(const Caller& caller) const = 0;
};

// Of a server that only programs of the same machine can reach.
class EverybodyTrusted final : public CallerTrust {
 public:
  bool IsTrusted(const Caller& /*caller*/) const override { return true; }
};

}  // namespace kulanz::app
