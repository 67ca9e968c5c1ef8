#include "service/adapters/otlp/otlp_client.h"

#include <curl/curl.h>
#include <jansson.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <utility>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

constexpr Duration kConnectTime{2'000};

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct JsonDeleter {
  void operator()(json_t* json) const { json_decref(json); }
};

Status BadUrl(std::string why) {
  return Status(Code::kInvalidArgument, "OTLP_URL",
                "the URL of a receiver of traces " + std::move(why));
}

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) {
    return "";
  }
  std::string out = text;
  curl_free(text);
  return out;
}

template <typename Value>
void Set(CURL* handle, CURLoption option, Value value) {
  KULANZ_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK, "libcurl takes its options");
}

std::size_t Keep(char* bytes, std::size_t size, std::size_t count, void* answer) {
  auto& text = *static_cast<std::string*>(answer);
  if (text.size() + size * count > kOtlpAnswerBytesMax) {
    return 0;
  }
  text.append(bytes, size * count);
  return size * count;
}

int IsAborted(void* aborted, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(aborted) ? 1 : 0;
}

// Of an ExportTraceServiceResponse; 0 for what is none, as a receiver may answer with nothing at all.
std::uint64_t RejectedIn(const std::string& answer) {
  const std::unique_ptr<json_t, JsonDeleter> json(
      json_loadb(answer.data(), answer.size(), 0, nullptr));
  const json_t* const partial = json_object_get(json.get(), "partialSuccess");
  const json_t* const rejected = json_object_get(partial, "rejectedSpans");
  std::int64_t count = 0;
  if (json_is_integer(rejected)) {
    count = json_integer_value(rejected);
  } else if (json_is_string(rejected)) {
    count = std::strtoll(json_string_value(rejected), nullptr, 10);
  }
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, count));
}

std::string ReasonOf(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "OTLP_TIMEOUT";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return "OTLP_CERTIFICATE";
    default:
      return "OTLP_UNREACHABLE";
  }
}

}  // namespace

Status CheckOtlpUrl(const std::string& url) {
  if (url.size() > kOtlpUrlBytesMax) {
    return BadUrl("has at most 2000 bytes");
  }
  const bool printable =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  const std::unique_ptr<CURLU, UrlDeleter> parts(curl_url());
  KULANZ_CHECK(parts != nullptr, "out of memory");
  if (!printable || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return BadUrl("must be a URL in ASCII");
  }
  const std::string scheme = PartOf(parts.get(), CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") {
    return BadUrl("must be http:// or https://");
  }
  if (!PartOf(parts.get(), CURLUPART_USER).empty()) {
    return BadUrl("must not have a user or password in it");
  }
  return Status::Ok();
}

struct OtlpClient::Handle {
  CURL* curl = curl_easy_init();
  std::unique_ptr<curl_slist, ListDeleter> headers;
  std::string answer;

  Handle() {
    KULANZ_CHECK(curl != nullptr, "out of memory");
    for (const char* line : {"Content-Type: application/json", "Expect:"}) {
      curl_slist* const longer = curl_slist_append(headers.get(), line);
      KULANZ_CHECK(longer != nullptr, "out of memory");
      headers.release();  // NOLINT(bugprone-unused-return-value): `longer` begins with it
      headers.reset(longer);
    }
  }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

Result<std::unique_ptr<OtlpClient>> OtlpClient::Make(OtlpEndpoint endpoint) {
  static std::once_flag once;
  std::call_once(once, [] {
    KULANZ_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl can be used");
  });
  KULANZ_RETURN_IF_ERROR(CheckOtlpUrl(endpoint.url));
  return std::unique_ptr<OtlpClient>(new OtlpClient(std::move(endpoint)));
}

OtlpClient::OtlpClient(OtlpEndpoint endpoint)
    : endpoint_(std::move(endpoint)), handle_(std::make_unique<Handle>()) {
  CURL* const curl = handle_->curl;
  Set(curl, CURLOPT_URL, endpoint_.url.c_str());
  Set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  Set(curl, CURLOPT_PROXY, "");
  Set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  Set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!endpoint_.ca_file.empty()) {
    Set(curl, CURLOPT_CAINFO, endpoint_.ca_file.c_str());
    Set(curl, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
  Set(curl, CURLOPT_HTTPHEADER, handle_->headers.get());
  Set(curl, CURLOPT_WRITEFUNCTION, &Keep);
  Set(curl, CURLOPT_WRITEDATA, &handle_->answer);
  Set(curl, CURLOPT_NOPROGRESS, 0L);
  Set(curl, CURLOPT_XFERINFOFUNCTION, &IsAborted);
  Set(curl, CURLOPT_XFERINFODATA, static_cast<void*>(&aborted_));
  Set(curl, CURLOPT_NOSIGNAL, 1L);
  Set(curl, CURLOPT_MAXCONNECTS, 1L);
  Set(curl, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(endpoint_.timeout, kConnectTime).count()));
  Set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(endpoint_.timeout.count()));
  Set(curl, CURLOPT_USERAGENT, "kulanz");
}

OtlpClient::~OtlpClient() = default;

OtlpReport OtlpClient::Post(const std::string& json) {
  OtlpReport report;
  if (aborted_) {
    report.reason = "OTLP_UNREACHABLE";
    return report;
  }
  CURL* const curl = handle_->curl;
  handle_->answer.clear();
  Set(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  Set(curl, CURLOPT_POSTFIELDS, json.c_str());
  const CURLcode code = curl_easy_perform(curl);
  Set(curl, CURLOPT_POSTFIELDS, "");
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status < 200) {
    report.reason = ReasonOf(code);
    return report;
  }
  report.reason = "HTTP_" + std::to_string(status);
  if (status == 200) {
    report.result = OtlpResult::kAccepted;
    report.reason.clear();
    report.spans_rejected = RejectedIn(handle_->answer);
  } else if (status != 429 && status != 502 && status != 503 && status != 504) {
    report.result = OtlpResult::kRejected;
  }
  curl_off_t after_s = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after_s);
  if (after_s > 0 && report.result == OtlpResult::kRetry) {
    report.retry_after = std::min<Duration>(
        std::chrono::seconds(std::min<curl_off_t>(after_s, 3'600)), kOtlpRetryAfterMax);
  }
  return report;
}

}  // namespace kulanz::adapters
