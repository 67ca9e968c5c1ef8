#include "service/engine/holdout.h"

#include <cstdint>
#include <string>

#include "service/base/crypto.h"

namespace kulanz::engine {

bool IsHeldOut(const PolicyId& policy, const CustomerId& customer, Decimal share) {
  __extension__ using Wide = unsigned __int128;
  if (share.is_negative() || share.is_zero()) {
    return false;
  }
  const Sha256Digest digest = Sha256(policy.text() + '\0' + customer.text());
  std::uint64_t fraction = 0;
  for (std::size_t i = 0; i < sizeof(fraction); ++i) {
    fraction = (fraction << 8U) | digest.at(i);
  }
  // fraction / 2^64 < coefficient / 10^scale, without division; both sides are below 2^124.
  Wide left = fraction;
  for (int i = 0; i < share.scale(); ++i) {
    left *= 10;
  }
  return left < (Wide{static_cast<std::uint64_t>(share.coefficient())} << 64U);
}

}  // namespace kulanz::engine
