#include "service/adapters/webhook/webhook_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "service/adapters/curl/curl_handle.h"
#include "service/adapters/curl/http_url.h"
#include "service/adapters/webhook/public_address.h"
#include "service/adapters/webhook/webhook_signature.h"
#include "service/base/check.h"
#include "service/base/loopback.h"

namespace kulanz::adapters {
namespace {

constexpr Duration kConnectTime{10'000};
constexpr std::chrono::seconds kRetryAfterMax = std::chrono::hours{24};
constexpr std::size_t kIdBytesMax = 64;

// Judges the address that is about to be connected to, whatever the name resolved to before.
curl_socket_t OpenSocket(void* refused, curlsocktype /*purpose*/, curl_sockaddr* address) {
  if (refused != nullptr && !IsPublicAddress(address->addr)) {
    *static_cast<bool*>(refused) = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// What a receiver answers beside its status is nobody's concern; one that does not end is cut off.
std::size_t Discard(char* /*bytes*/, std::size_t size, std::size_t count, void* heard) {
  auto& bytes = *static_cast<std::size_t*>(heard);
  bytes += size * count;
  return bytes <= kWebhookAnswerBytesMax ? size * count : 0;
}

bool IsEventId(std::string_view id) {
  return !id.empty() && id.size() <= kIdBytesMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

WebhookReport OfStatus(long status) {
  constexpr long kGone = 410;
  WebhookReport report;
  report.reason = "HTTP_" + std::to_string(status);
  if (status >= 200 && status < 300) {
    report.result = WebhookResult::kAccepted;
    report.reason.clear();
  } else if (status == kGone) {
    report.result = WebhookResult::kDisabled;
  }
  return report;
}

WebhookReport Failed(std::string_view reason, WebhookResult result = WebhookResult::kRetry) {
  WebhookReport report;
  report.result = result;
  report.reason = reason;
  return report;
}

// Why there was no answer.
WebhookReport OfFailure(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Failed("WEBHOOK_TIMEOUT");
    case CURLE_ABORTED_BY_CALLBACK:
      return Failed("SHUTTING_DOWN");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Failed("WEBHOOK_CERTIFICATE");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // an answer that is no HTTP
      return Failed("WEBHOOK_CUT");
    default:
      return Failed("WEBHOOK_UNREACHABLE");
  }
}

}  // namespace

Result<bool> CheckWebhookUrl(const WebhookEndpoint& endpoint) {
  KULANZ_ASSIGN_OR_RETURN(const HttpUrl url,
                          ReadHttpUrl(endpoint.url, "WEBHOOK_URL", "a webhook's URL"));
  const bool allowed = std::find(endpoint.allowed_hosts.begin(), endpoint.allowed_hosts.end(),
                                 url.host) != endpoint.allowed_hosts.end();
  const bool may_be_plain = allowed && (endpoint.plain_http || IsLoopbackHost(url.host));
  if (url.scheme == "http" && !may_be_plain) {
    return Status(
        Code::kInvalidArgument, "WEBHOOK_URL",
        "a webhook's URL must be https://; plain HTTP must be allowed, and its host by name");
  }
  return allowed;
}

struct WebhookClient::Handle {
  CurlHandle curl;
  bool refused = false;   // the address, by OpenSocket
  std::size_t heard = 0;  // of the answer's body
};

Result<std::unique_ptr<WebhookClient>> WebhookClient::Make(WebhookEndpoint endpoint,
                                                           const CutOff& cut_off) {
  KULANZ_ASSIGN_OR_RETURN(const bool allowed, CheckWebhookUrl(endpoint));
  return std::unique_ptr<WebhookClient>(new WebhookClient(std::move(endpoint), allowed, cut_off));
}

WebhookClient::WebhookClient(WebhookEndpoint endpoint, bool allowed, const CutOff& cut_off)
    : endpoint_(std::move(endpoint)), handle_(std::make_unique<Handle>()) {
  CurlHandle& curl = handle_->curl;
  curl.ConnectBy("http,https", endpoint_.ca_file);
  curl.EndAt(cut_off);
  curl.EndWithin(std::min(endpoint_.timeout, kConnectTime), endpoint_.timeout);
  curl.Set(CURLOPT_URL, endpoint_.url.c_str());
  curl.Set(CURLOPT_USERAGENT, "kulanz");
  curl.Set(CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl.Set(CURLOPT_OPENSOCKETDATA, allowed ? nullptr : static_cast<void*>(&handle_->refused));
  curl.Set(CURLOPT_WRITEFUNCTION, &Discard);
  curl.Set(CURLOPT_WRITEDATA, &handle_->heard);
}

WebhookClient::~WebhookClient() = default;

WebhookReport WebhookClient::Post(const WebhookEvent& event) {
  KULANZ_CHECK(IsEventId(event.id), "an event's id becomes a header");
  KULANZ_CHECK(event.body.size() <= kWebhookBodyBytesMax, "events have at most 20 KiB");
  const Result<WebhookSigner> signer = ReadWebhookSigner(endpoint_.secret_file);
  if (!signer.ok()) return Failed("WEBHOOK_SECRET_FILE", WebhookResult::kMisconfigured);
  CurlHandle& curl = handle_->curl;
  const std::int64_t timestamp_s =
      std::chrono::floor<std::chrono::seconds>(event.sent_at).time_since_epoch().count();
  CurlList headers;
  headers.Append("Content-Type: application/json");
  headers.Append("webhook-id: " + std::string(event.id));
  headers.Append("webhook-timestamp: " + std::to_string(timestamp_s));
  headers.Append("webhook-signature: " + signer->Sign(event.id, timestamp_s, event.body));
  headers.Append("Expect:");
  curl.Set(CURLOPT_HTTPHEADER, headers.get());
  curl.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(event.body.size()));
  curl.Set(CURLOPT_POSTFIELDS, event.body.data());
  WebhookReport report = Perform();
  curl.Set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  curl.Set(CURLOPT_POSTFIELDS, "");
  return report;
}

WebhookReport WebhookClient::Perform() {
  CurlHandle& curl = handle_->curl;
  handle_->refused = false;
  handle_->heard = 0;
  const CURLcode code = curl.Perform();
  if (handle_->refused) return Failed("WEBHOOK_ADDRESS", WebhookResult::kMisconfigured);
  const long status = curl.ResponseCode();
  if (status < 200) return OfFailure(code);
  WebhookReport report =
      OfStatus(status);  // it counts, whatever became of the body that nobody reads
  if (report.result == WebhookResult::kRetry) report.retry_after = curl.RetryAfter(kRetryAfterMax);
  return report;
}

}  // namespace kulanz::adapters
