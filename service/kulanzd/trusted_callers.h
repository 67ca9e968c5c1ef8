// TrustedCallers: the addresses whose callers kulanzd trusts where callers do not prove who they are; where
// they do, their roles decide.
//
//   "all", "none", or a list: "10.0.0.5,10.1.0.0/16,2001:db8::/32,loopback,local"
//
// "local" is who calls over a Unix socket or from within the process; "loopback" any program of this machine.
// An address says only where a call comes from: behind a proxy all callers are the proxy.
// Thread-safety: immutable.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "service/app/caller_trust.h"
#include "service/base/result.h"

namespace kulanz::server {

class TrustedCallers final : public app::CallerTrust {
 public:
  // INVALID_ARGUMENT / TRUSTED_CALLERS naming the entry that is none.
  static Result<TrustedCallers> Parse(std::string_view text);

  bool IsTrusted(const app::Caller& caller) const override;

 private:
  using Address = std::array<std::uint8_t, 16>;  // of IPv4: mapped into IPv6
  struct Network {
    Address address{};
    int bits = 0;  // of 128
  };
  static Result<Network> ParseNetwork(std::string_view text);

  bool all_ = false;
  bool local_ = false;
  std::vector<Network> networks_;
};

}  // namespace kulanz::server
