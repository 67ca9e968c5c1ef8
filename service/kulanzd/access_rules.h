// AccessRules: who has which roles, as an operator writes it down. Read by access_file.h.
//
// Thread-safety: plain values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "service/app/roles.h"
#include "service/domain/time.h"

namespace kulanz::server {

// Of an issuer of bearer tokens.
struct IssuerRules {
  std::string issuer;
  std::vector<std::string> audiences;
  std::vector<std::string> algorithms;
  std::string keys;  // path of the JWKS file, absolute or from where the server was started
  Duration leeway{0};
  std::vector<std::string> groups_at;            // the claim with the groups, or the way to it
  std::map<std::string, app::RoleSet> groups;    // roles by group
  std::map<std::string, app::RoleSet> subjects;  // and by who it is
};

struct AccessRules {
  std::map<std::string, app::RoleSet> spiffe_ids;  // "spiffe://shop.example/checkout"
  std::map<std::string, app::RoleSet>
      certificates;  // by DNS name, or the subject's CN where there is none
  std::vector<IssuerRules> issuers;

  bool knows_certificates() const { return !spiffe_ids.empty() || !certificates.empty(); }
};

}  // namespace kulanz::server
