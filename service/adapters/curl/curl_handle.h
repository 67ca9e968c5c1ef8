// CurlHandle: one easy handle of libcurl, with what all of Kulanz' connections have in common: TLS 1.2 at least, the
// certificate always checked, no proxy of the environment, no signals, one connection kept. CurlList: its
// list of strings, of headers or recipients.
//
// An option that libcurl refuses ends the program: it fails for want of memory, or for something that this
// libcurl was built without, such as TLS, and neither may go unnoticed.
//
// Thread-safety: none; one per thread.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "service/adapters/curl/cut_off.h"
#include "service/base/check.h"
#include "service/domain/time.h"

namespace kulanz::adapters {

class CurlHandle {
 public:
  CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  template <typename Value>
  void Set(CURLoption option, Value value) {
    KULANZ_CHECK(curl_easy_setopt(handle_.get(), option, value) == CURLE_OK,
                 "libcurl takes its options");
  }
  // Of `protocols` ("http,https") only. Server certificates are checked against the PEM file, and nothing else;
  // empty: against what the system trusts.
  void ConnectBy(const char* protocols, const std::string& ca_file);
  // Of one transfer: until connected, and on the whole, looking up the name included.
  void EndWithin(Duration connect, Duration whole);
  // Of every transfer: CURLE_ABORTED_BY_CALLBACK within a second of it. `moment` outlives this.
  void EndAt(const CutOff& moment);

  // What libcurl says to a kept connection before it closes it goes out, but no answer is waited for, which it would do
  // for two minutes whatever its options are. Nothing can be transferred over that connection any more.
  void HearNoMore();

  CURLcode Perform() { return curl_easy_perform(handle_.get()); }
  // 0: none was heard.
  long ResponseCode() const;
  // Of a Retry-After header, however long it asks for.
  std::optional<std::chrono::seconds> RetryAfter(std::chrono::seconds at_most) const;
  // How many connections the last transfer had to open.
  long ConnectionsOpened() const;

 private:
  struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<CURL, Cleanup> handle_;
};

class CurlList {
 public:
  void Append(const std::string& line);
  // Until the list changes or ends.
  curl_slist* get() const { return list_.get(); }

 private:
  struct Cleanup {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, Cleanup> list_;
};

}  // namespace kulanz::adapters
