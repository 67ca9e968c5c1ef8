// Credentials: what a caller shows of itself, before anybody judges it.
//
// Thread-safety: plain values. `authorization` is secret: never log it.
#pragma once

#include <string>
#include <vector>

namespace kulanz::rpc {

struct Credentials {
  // Of the client's certificate, which is signed by an authority that the server trusts. All empty: it showed
  // none.
  bool has_certificate = false;
  std::vector<std::string> uris = {};       // its URI names
  std::vector<std::string> dns_names = {};  // its DNS names
  std::string common_name = {};             // of its subject
  // Each `authorization` of the call's metadata.
  std::vector<std::string> authorization = {};
};

}  // namespace kulanz::rpc
