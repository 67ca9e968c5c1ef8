#include "service/adapters/webhook/webhook_client.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "service/adapters/webhook/public_address.h"
#include "service/adapters/webhook/webhook_signature.h"
#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr Duration kConnectTime{10'000};
constexpr std::chrono::seconds kRetryAfterMax = std::chrono::hours{24};
constexpr std::size_t kIdBytesMax = 64;

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

Status BadUrl(std::string why) {
  return Status(Code::kInvalidArgument, "WEBHOOK_URL", "a webhook's URL " + std::move(why));
}

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string out = text;
  curl_free(text);
  return out;
}

bool IsLoopbackName(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

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

template <typename Value>
void Set(CURL* handle, CURLoption option, Value value) {
  KULANZ_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK, "libcurl takes its options");
}

void Append(std::unique_ptr<curl_slist, ListDeleter>& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  KULANZ_CHECK(longer != nullptr, "out of memory");
  list.release();  // NOLINT(bugprone-unused-return-value): `longer` begins with it
  list.reset(longer);
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
  if (endpoint.url.size() > kWebhookUrlBytesMax) return BadUrl("has at most 2000 bytes");
  const bool printable = std::all_of(endpoint.url.begin(), endpoint.url.end(),
                                     [](char c) { return c > ' ' && c < '\x7f'; });
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  KULANZ_CHECK(url != nullptr, "out of memory");
  if (!printable || curl_url_set(url.get(), CURLUPART_URL, endpoint.url.c_str(), 0) != CURLUE_OK) {
    return BadUrl("must be a URL in ASCII");
  }
  const std::string host = PartOf(url.get(), CURLUPART_HOST);
  const bool allowed = std::find(endpoint.allowed_hosts.begin(), endpoint.allowed_hosts.end(),
                                 host) != endpoint.allowed_hosts.end();
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  const bool may_be_plain = allowed && (endpoint.plain_http || IsLoopbackName(host));
  if (scheme != "https" && !(scheme == "http" && may_be_plain)) {
    return BadUrl("must be https://; plain HTTP must be allowed, and its host by name");
  }
  if (!PartOf(url.get(), CURLUPART_USER).empty()) {
    return BadUrl("must not have a user or password in it");
  }
  return allowed;
}

struct WebhookClient::Handle {
  CURL* curl = curl_easy_init();
  bool refused = false;   // the address, by OpenSocket
  std::size_t heard = 0;  // of the answer's body

  Handle() { KULANZ_CHECK(curl != nullptr, "out of memory"); }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

Result<std::unique_ptr<WebhookClient>> WebhookClient::Make(WebhookEndpoint endpoint) {
  static std::once_flag once;
  std::call_once(once, [] {
    KULANZ_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl can be used");
  });
  KULANZ_ASSIGN_OR_RETURN(const bool allowed, CheckWebhookUrl(endpoint));
  return std::unique_ptr<WebhookClient>(new WebhookClient(std::move(endpoint), allowed));
}

WebhookClient::WebhookClient(WebhookEndpoint endpoint, bool allowed)
    : endpoint_(std::move(endpoint)), handle_(std::make_unique<Handle>()) {
  CURL* const curl = handle_->curl;
  Set(curl, CURLOPT_URL, endpoint_.url.c_str());
  Set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  Set(curl, CURLOPT_PROXY, "");  // whatever the environment says: a proxy would connect for us
  Set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  Set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!endpoint_.ca_file.empty()) {
    Set(curl, CURLOPT_CAINFO, endpoint_.ca_file.c_str());
    Set(curl, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  Set(curl, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  Set(curl, CURLOPT_OPENSOCKETDATA, allowed ? nullptr : static_cast<void*>(&handle_->refused));
  Set(curl, CURLOPT_WRITEFUNCTION, &Discard);
  Set(curl, CURLOPT_WRITEDATA, &handle_->heard);
  Set(curl, CURLOPT_NOSIGNAL, 1L);
  Set(curl, CURLOPT_MAXCONNECTS, 1L);
  Set(curl, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(endpoint_.timeout, kConnectTime).count()));
  Set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(endpoint_.timeout.count()));
  Set(curl, CURLOPT_USERAGENT, "kulanz");
}

WebhookClient::~WebhookClient() = default;

WebhookReport WebhookClient::Post(const WebhookEvent& event) {
  KULANZ_CHECK(IsEventId(event.id), "an event's id becomes a header");
  KULANZ_CHECK(event.body.size() <= kWebhookBodyBytesMax, "events have at most 20 KiB");
  const Result<WebhookSigner> signer = ReadWebhookSigner(endpoint_.secret_file);
  if (!signer.ok()) return Failed("WEBHOOK_SECRET_FILE", WebhookResult::kMisconfigured);
  CURL* const curl = handle_->curl;
  const std::int64_t timestamp_s =
      std::chrono::floor<std::chrono::seconds>(event.sent_at).time_since_epoch().count();
  std::unique_ptr<curl_slist, ListDeleter> headers;
  Append(headers, "Content-Type: application/json");
  Append(headers, "webhook-id: " + std::string(event.id));
  Append(headers, "webhook-timestamp: " + std::to_string(timestamp_s));
  Append(headers, "webhook-signature: " + signer->Sign(event.id, timestamp_s, event.body));
  Append(headers, "Expect:");
  Set(curl, CURLOPT_HTTPHEADER, headers.get());
  Set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(event.body.size()));
  Set(curl, CURLOPT_POSTFIELDS, event.body.data());
  WebhookReport report = Perform();
  Set(curl, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  Set(curl, CURLOPT_POSTFIELDS, "");
  return report;
}

WebhookReport WebhookClient::Perform() {
  CURL* const curl = handle_->curl;
  handle_->refused = false;
  handle_->heard = 0;
  const CURLcode code = curl_easy_perform(curl);
  if (handle_->refused) return Failed("WEBHOOK_ADDRESS", WebhookResult::kMisconfigured);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200) return OfFailure(code);
  WebhookReport report =
      OfStatus(status);  // it counts, whatever became of the body that nobody reads
  curl_off_t after_s = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after_s);
  if (after_s > 0 && report.result == WebhookResult::kRetry) {
    report.retry_after = std::min(std::chrono::seconds(after_s), kRetryAfterMax);
  }
  return report;
}

}  // namespace kulanz::adapters
