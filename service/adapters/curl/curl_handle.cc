#include "service/adapters/curl/curl_handle.h"

#include <sys/socket.h>

#include <algorithm>
#include <mutex>

namespace kulanz::adapters {
namespace {

// libcurl asks several times a second while bytes flow, and once a second while none do.
int HasCome(void* moment, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const CutOff*>(moment)->HasCome() ? 1 : 0;
}

}  // namespace

CurlHandle::CurlHandle() {
  static std::once_flag once;
  std::call_once(once, [] {
    KULANZ_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl can be used");
  });
  handle_.reset(curl_easy_init());
  KULANZ_CHECK(handle_ != nullptr, "out of memory");
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_MAXCONNECTS, 1L);
}

void CurlHandle::ConnectBy(const char* protocols, const std::string& ca_file) {
  Set(CURLOPT_PROTOCOLS_STR, protocols);
  Set(CURLOPT_PROXY, "");  // whatever the environment says: a proxy would connect for us
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file.empty()) {
    Set(CURLOPT_CAINFO, ca_file.c_str());
    Set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // that file, and nobody else
  }
}

void CurlHandle::EndWithin(Duration connect, Duration whole) {
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(whole.count()));
}

void CurlHandle::EndAt(const CutOff& moment) {
  Set(CURLOPT_NOPROGRESS, 0L);
  Set(CURLOPT_XFERINFOFUNCTION, &HasCome);
  Set(CURLOPT_XFERINFODATA, const_cast<CutOff*>(&moment));  // HasCome gives it its const back
}

void CurlHandle::HearNoMore() {
  curl_socket_t kept = CURL_SOCKET_BAD;
  curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &kept);
  if (kept != CURL_SOCKET_BAD) {
    shutdown(kept, SHUT_RD);
  }
}

long CurlHandle::ResponseCode() const {
  long code = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
  return code;
}

std::optional<std::chrono::seconds> CurlHandle::RetryAfter(std::chrono::seconds at_most) const {
  curl_off_t seconds = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &seconds);
  if (seconds <= 0) return std::nullopt;
  return std::min(std::chrono::seconds(seconds), at_most);
}

long CurlHandle::ConnectionsOpened() const {
  long opened = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_NUM_CONNECTS, &opened);
  return opened;
}

void CurlList::Append(const std::string& line) {
  curl_slist* const longer = curl_slist_append(list_.get(), line.c_str());
  KULANZ_CHECK(longer != nullptr, "out of memory");
  list_.release();  // NOLINT(bugprone-unused-return-value): `longer` begins with it
  list_.reset(longer);
}

}  // namespace kulanz::adapters
