// Signatures of the Standard Webhooks specification: whoever receives an event can tell that it is ours, and
// when it was sent.
//
// The header webhook-signature is "v1,<base64 of HMAC-SHA256 over id.timestamp.body>", once per secret while
// secrets rotate. Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/crypto.h"
#include "service/base/result.h"

namespace kulanz::adapters {

inline constexpr std::size_t kWebhookSecretBytesMin = 24;  // by the specification
inline constexpr std::size_t kWebhookSecretBytesMax = 64;
inline constexpr std::size_t kWebhookSecretsMax = 2;  // the new one and the one before

class WebhookSigner {
 public:
  // `secrets`: one, or while they rotate two, each "whsec_" and base64 of 24 to 64 bytes.
  //   INVALID_ARGUMENT / WEBHOOK_SECRET   says what is wrong, and nothing of the secret
  static Result<WebhookSigner> Make(const std::vector<std::string>& secrets);

  // The value of webhook-signature. `id`: without '.', the same at each attempt; `timestamp_s`: of this
  // attempt, in seconds since 1970.
  std::string Sign(std::string_view id, std::int64_t timestamp_s, std::string_view body) const;

 private:
  explicit WebhookSigner(std::vector<HmacKey> keys) : keys_(std::move(keys)) {}
  std::vector<HmacKey> keys_;
};

// Of a file with one secret a line, one line or two: while secrets rotate the new one and the one before, in
// any order, since both sign. Blocking; reads at most a few hundred bytes.
//   FAILED_PRECONDITION / WEBHOOK_SECRET_FILE   unreadable, or not such a file; names the file, nothing in it
Result<WebhookSigner> ReadWebhookSigner(const std::string& path);

}  // namespace kulanz::adapters
