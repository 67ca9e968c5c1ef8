#include "service/adapters/curl/http_url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "service/base/check.h"

namespace kulanz::adapters {
namespace {

struct Cleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string out = text;
  curl_free(text);
  return out;
}

}  // namespace

Result<HttpUrl> ReadHttpUrl(const std::string& url, std::string_view reason,
                            std::string_view whose) {
  const auto bad = [&](std::string_view why) {
    return Status(Code::kInvalidArgument, reason, std::string(whose) + " " + std::string(why));
  };
  if (url.size() > kHttpUrlBytesMax) return bad("has at most 2000 bytes");
  const bool printable =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  const std::unique_ptr<CURLU, Cleanup> parts(curl_url());
  KULANZ_CHECK(parts != nullptr, "out of memory");
  if (!printable || curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return bad("must be a URL in ASCII");
  }
  HttpUrl out{PartOf(parts.get(), CURLUPART_SCHEME), PartOf(parts.get(), CURLUPART_HOST)};
  if (out.scheme != "https" && out.scheme != "http") return bad("must be https:// or http://");
  if (!PartOf(parts.get(), CURLUPART_USER).empty() ||
      !PartOf(parts.get(), CURLUPART_PASSWORD).empty()) {
    return bad("must not have a user or password in it");
  }
  return out;
}

}  // namespace kulanz::adapters
