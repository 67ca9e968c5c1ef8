// CallerTrust: whether a caller is one of the shop's own programs, or anybody.
//
// Port within the application, so that roles can take the place of addresses. A trusted caller vouches for
// the customer that it names, and is told why a voucher is refused; everybody else gets one answer for every
// refusal. Thread-safety: any thread.
#pragma once

#include <string>

namespace kulanz::app {

struct Caller {
  // What callers are told apart by, "ipv4:10.0.0.5", "ipv6:2001:db8:1:2::/64", "unix", "inproc".
  std::string id;
  std::string address;  // "10.0.0.5"; empty: it has none
};

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
