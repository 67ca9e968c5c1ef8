#include "service/app/page_token.h"

#include <charconv>
#include <string>

#include "service/app/keys.h"
#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

constexpr std::size_t kTokenBytesMax = 256;

// The key under which tokens are sealed: no record of a store lives there.
ports::Key SealKey(const CustomerId& customer, std::string_view list) {
  const std::string kind = "page-token" + std::string(list);
  return {{}, ports::RecordKind::kDecisionIndex, HashOf(kind, customer.text())};
}

}  // namespace

std::string FormatPageToken(const RecordCodec& codec, const CustomerId& customer,
                            const PageToken& token, std::string_view list) {
  return ToHex(
      codec.Seal(SealKey(customer, list), std::to_string(token.score) + ":" + token.member));
}

std::optional<PageToken> ParsePageToken(const RecordCodec& codec, const CustomerId& customer,
                                        std::string_view text, std::string_view list) {
  if (text.size() > kTokenBytesMax) {
    return std::nullopt;
  }
  const auto sealed = FromHex(text);
  if (!sealed) {
    return std::nullopt;
  }
  const auto opened = codec.Open(SealKey(customer, list), *sealed);
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
