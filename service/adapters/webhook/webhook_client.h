// WebhookClient: posts signed events to one endpoint, after the Standard Webhooks specification.
//
// libcurl underneath; TLS 1.2 at least, the certificate is always checked, redirects are not followed, and no
// address is connected to that is not public (public_address.h), unless the endpoint's host is one that
// the operator allowed by name. Of what a receiver answers only status and Retry-After are used.
//
// What an answer means: 2xx is accepted, 410 disables the endpoint, and everything else, 3xx and 4xx included, is
// tried again by the caller's schedule: receivers are mended, and the specification knows no other refusal.
//
// Thread-safety: none; one per thread. Blocking, for at most the options' timeout.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/curl/cut_off.h"
#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::adapters {

inline constexpr std::size_t kWebhookBodyBytesMax = std::size_t{20} * 1024;  // by the specification
inline constexpr Duration kWebhookTimeout{20'000};  // 15 to 30 s by the specification

inline constexpr Duration kWebhookTimeoutMin{1'000};
inline constexpr Duration kWebhookTimeoutMax{60'000};
// Of an answer's body; a receiver that says more is cut off, as its status has been heard by then.
inline constexpr std::size_t kWebhookAnswerBytesMax = std::size_t{64} * 1024;

struct WebhookEndpoint {
  std::string url;          // https://; http:// only as below
  std::string secret_file;  // see ReadWebhookSigner; read again for every event
  std::vector<std::string>
      allowed_hosts;        // by name as in the URL: may have addresses that are not public
  bool plain_http = false;  // http:// to any allowed host; else only to one of IsLoopbackHost()
  std::string ca_file;      // empty: what the system trusts
  Duration timeout = kWebhookTimeout;  // of one attempt, name lookup to the answer's end
};

// INVALID_ARGUMENT / WEBHOOK_URL: the endpoint's URL cannot be posted to. Gives whether its host is allowed
// by name. Asks nobody.
Result<bool> CheckWebhookUrl(const WebhookEndpoint& endpoint);

struct WebhookEvent {
  std::string_view id;  // the idempotency key: the same at each attempt; [A-Za-z0-9_-], 64 at most
  Instant sent_at{};    // of this attempt; receivers refuse what is five minutes old
  std::string_view body;  // JSON
};

enum class WebhookResult : std::uint8_t {
  kAccepted,       // 2xx
  kRetry,          // anything that may pass: no answer, 3xx, 4xx, 5xx
  kDisabled,       // 410: the receiver wants nothing more
  kMisconfigured,  // nothing was sent, and nothing can be until an operator acts
};

struct WebhookReport {
  WebhookResult result = WebhookResult::kRetry;
  std::string reason;  // HTTP_<status>; WEBHOOK_TIMEOUT, WEBHOOK_UNREACHABLE, WEBHOOK_CUT;
      // WEBHOOK_CERTIFICATE, WEBHOOK_ADDRESS (not public), WEBHOOK_SECRET_FILE; SHUTTING_DOWN: given up by us; no PII
  std::optional<Duration> retry_after;  // of a Retry-After header, a day at most
};

class WebhookClient {
 public:
  //   INVALID_ARGUMENT / WEBHOOK_URL   the endpoint cannot be one
  // `cut_off` outlives it.
  static Result<std::unique_ptr<WebhookClient>> Make(WebhookEndpoint endpoint,
                                                     const CutOff& cut_off);
  ~WebhookClient();
  WebhookClient(const WebhookClient&) = delete;
  WebhookClient& operator=(const WebhookClient&) = delete;

  // `event`: within the limits (checked).
  WebhookReport Post(const WebhookEvent& event);

 private:
  struct Handle;
  WebhookClient(WebhookEndpoint endpoint, bool allowed, const CutOff& cut_off);
  WebhookReport Perform();

  const WebhookEndpoint endpoint_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace kulanz::adapters
