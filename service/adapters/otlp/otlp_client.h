// OtlpClient: posts a trace request to a receiver of OTLP over HTTP, once.
//
// libcurl underneath; TLS 1.2 at least, the certificate is always checked, redirects are not followed, no proxy of
// the environment is used. What an answer means is the OTLP specification's: 200 is accepted, but perhaps
// not all of it; 429, 502, 503 and 504 may be tried again; everything else must not be.
//
// Thread-safety: one thread; Abort from any. Blocking, for at most the options' timeout.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "service/adapters/curl/cut_off.h"
#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::adapters {

inline constexpr std::size_t kOtlpAnswerBytesMax = std::size_t{64} * 1024;
inline constexpr Duration kOtlpRetryAfterMax{30'000};

struct OtlpEndpoint {
  std::string url;                // "http://127.0.0.1:4318/v1/traces"; https:// likewise
  std::string ca_file = {};       // PEM; empty: what the system trusts
  std::string headers_file = {};  // otlp_headers.h, read again for each attempt; empty: none
  Duration timeout{5'000};  // of one attempt, from looking up the name to the end of the answer
};

// INVALID_ARGUMENT / OTLP_URL: nothing can be posted there. Asks nobody.
Status CheckOtlpUrl(const std::string& url);

// Whether what is sent there can be read on the way: http:// to another machine.
bool IsSentInTheClear(const std::string& url);

enum class OtlpResult : std::uint8_t { kAccepted, kRetry, kRejected };

struct OtlpReport {
  OtlpResult result = OtlpResult::kRetry;
  std::string
      reason;  // HTTP_<status>, OTLP_TIMEOUT, OTLP_CERTIFICATE, OTLP_UNREACHABLE, OTLP_HEADERS
  std::uint64_t spans_rejected = 0;     // of an accepted request
  std::optional<Duration> retry_after;  // of a Retry-After header, kOtlpRetryAfterMax at most
};

class OtlpClient {
 public:
  // As CheckOtlpUrl and ReadOtlpHeaders.
  static Result<std::unique_ptr<OtlpClient>> Make(OtlpEndpoint endpoint);
  ~OtlpClient();
  OtlpClient(const OtlpClient&) = delete;
  OtlpClient& operator=(const OtlpClient&) = delete;

  OtlpReport Post(const std::string& json);
  // What is under way, and whatever comes later, ends without an answer; within a second.
  void Abort();

 private:
  struct Handle;
  explicit OtlpClient(OtlpEndpoint endpoint);

  const OtlpEndpoint endpoint_;
  CutOff cut_off_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace kulanz::adapters
