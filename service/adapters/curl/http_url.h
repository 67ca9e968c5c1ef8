// The URL of something that Kulanz posts to, as far as that can be judged without asking anybody.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "service/base/result.h"

namespace kulanz::adapters {

inline constexpr std::size_t kHttpUrlBytesMax = 2'000;

struct HttpUrl {
  std::string scheme;  // https or http
  std::string host;    // as it stands there; IPv6 in brackets
};

// INVALID_ARGUMENT with `reason` (a literal, as Status asks for), and a message that begins with `whose` ("a webhook's
// URL"): too long, no URL in ASCII, neither https:// nor http://, or with a user or password, which would
// be seen in logs.
Result<HttpUrl> ReadHttpUrl(const std::string& url, std::string_view reason,
                            std::string_view whose);

}  // namespace kulanz::adapters
