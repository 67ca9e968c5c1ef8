#include "service/adapters/system/system_entropy.h"

#include <sys/random.h>

#include <cerrno>
#include <cstddef>

#include "service/base/check.h"

namespace kulanz::adapters {

void SystemEntropy::Fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    KULANZ_CHECK(got > 0, "getrandom(2) must give bytes: nothing may be issued without entropy");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace kulanz::adapters
