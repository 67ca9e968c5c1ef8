#include "service/app/page_token.h"

#include <charconv>

#include "service/app/keys.h"
#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

constexpr std::size_t kTokenBytesMax = 256;

// The key under which tokens are sealed: no record of a store lives there.
ports::Key SealKey(const CustomerId& customer) {
  return {{}, ports::RecordKind::kDecisionIndex, HashOf("page-token", customer.text())};
}

std::optional<std::string> FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    const char* const end = hex.data() + i + 2;
    const auto [stop, error] = std::from_chars(hex.data() + i, end, value, 16);
    if (error != std::errc{} || stop != end) {
      return std::nullopt;
    }
    bytes += static_cast<char>(value);
  }
  return hex.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace

std::string FormatPageToken(const RecordCodec& codec, const CustomerId& customer,
                            const PageToken& token) {
  return ToHex(codec.Seal(SealKey(customer), std::to_string(token.score) + ":" + token.member));
}

std::optional<PageToken> ParsePageToken(const RecordCodec& codec, const CustomerId& customer,
                                        std::string_view text) {
  if (text.size() > kTokenBytesMax) {
    return std::nullopt;
  }
  const auto sealed = FromHex(text);
  if (!sealed) {
    return std::nullopt;
  }
  const auto opened = codec.Open(SealKey(customer), *sealed);
  if (!opened.ok()) {
    return std::nullopt;
  }
  const std::size_t colon = opened->find(':');
  PageToken token;
  const char* const end = opened->data() + std::min(colon, opened->size());
  const auto [stop, error] = std::from_chars(opened->data(), end, token.score);
  if (colon == std::string::npos || error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  token.member = opened->substr(colon + 1);
  return token;
}

}  // namespace kulanz::app
