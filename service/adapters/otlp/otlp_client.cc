#include "service/adapters/otlp/otlp_client.h"

#include <jansson.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>
#include <vector>

#include "service/adapters/curl/curl_handle.h"
#include "service/adapters/curl/http_url.h"
#include "service/adapters/otlp/otlp_headers.h"
#include "service/base/loopback.h"
#include "service/base/steady_now.h"

namespace kulanz::adapters {
namespace {

constexpr Duration kConnectTime{2'000};

struct JsonDeleter {
  void operator()(json_t* json) const { json_decref(json); }
};

std::size_t Keep(char* bytes, std::size_t size, std::size_t count, void* answer) {
  auto& text = *static_cast<std::string*>(answer);
  if (text.size() + size * count > kOtlpAnswerBytesMax) {
    return 0;
  }
  text.append(bytes, size * count);
  return size * count;
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
  return ReadHttpUrl(url, "OTLP_URL", "the URL of a receiver of traces").status();
}

bool IsSentInTheClear(const std::string& url) {
  const auto parts = ReadHttpUrl(url, "OTLP_URL", "the URL of a receiver of traces");
  return !parts.ok() || (parts->scheme == "http" && !IsLoopbackHost(parts->host));
}

struct OtlpClient::Handle {
  CurlHandle curl;
  CurlList headers;
  std::string answer;

  void SetHeaders(const std::vector<std::string>& more) {
    CurlList all;
    for (const std::string& line : more) {
      all.Append(line);
    }
    all.Append("Content-Type: application/json");
    all.Append("Expect:");
    curl.Set(CURLOPT_HTTPHEADER, all.get());
    headers = std::move(all);
  }
};

Result<std::unique_ptr<OtlpClient>> OtlpClient::Make(OtlpEndpoint endpoint) {
  KULANZ_RETURN_IF_ERROR(CheckOtlpUrl(endpoint.url));
  if (!endpoint.headers_file.empty()) {
    KULANZ_RETURN_IF_ERROR(ReadOtlpHeaders(endpoint.headers_file).status());
  }
  return std::unique_ptr<OtlpClient>(new OtlpClient(std::move(endpoint)));
}

OtlpClient::OtlpClient(OtlpEndpoint endpoint)
    : endpoint_(std::move(endpoint)), handle_(std::make_unique<Handle>()) {
  CurlHandle& curl = handle_->curl;
  curl.ConnectBy("http,https", endpoint_.ca_file);
  curl.EndWithin(std::min(endpoint_.timeout, kConnectTime), endpoint_.timeout);
  curl.Set(CURLOPT_URL, endpoint_.url.c_str());
  curl.Set(CURLOPT_USERAGENT, "kulanz");
  handle_->SetHeaders({});
  curl.Set(CURLOPT_WRITEFUNCTION, &Keep);
  curl.Set(CURLOPT_WRITEDATA, &handle_->answer);
  curl.EndAt(cut_off_);
}

OtlpClient::~OtlpClient() = default;

void OtlpClient::Abort() { cut_off_.At(SteadyNow()); }

OtlpReport OtlpClient::Post(const std::string& json) {
  OtlpReport report;
  if (cut_off_.HasCome()) {
    report.reason = "OTLP_UNREACHABLE";
    return report;
  }
  if (!endpoint_.headers_file.empty()) {
    const auto headers = ReadOtlpHeaders(endpoint_.headers_file);
    if (!headers.ok()) {
      report.reason = "OTLP_HEADERS";
      return report;
    }
    handle_->SetHeaders(*headers);
  }
  CurlHandle& curl = handle_->curl;
  handle_->answer.clear();
  curl.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  curl.Set(CURLOPT_POSTFIELDS, json.c_str());
  const CURLcode code = curl.Perform();
  curl.Set(CURLOPT_POSTFIELDS, "");
  const long status = curl.ResponseCode();
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
  if (report.result == OtlpResult::kRetry) {
    report.retry_after =
        curl.RetryAfter(std::chrono::floor<std::chrono::seconds>(kOtlpRetryAfterMax));
  }
  return report;
}

}  // namespace kulanz::adapters
