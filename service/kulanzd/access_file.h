// ReadAccessFile: the YAML file that says who may call.
//
//   certificates:
//     - spiffe: spiffe://shop.example/ns/shop/sa/checkout
//       roles: [redeemer]
//     - name: erp.internal
//       roles: [reporter]
//   tokens:
//     - issuer: https://login.shop.example
//       audience: kulanz
//       algorithms: [RS256, ES256]
//       keys: jwks.json              # from the folder of this file
//       leeway: 30s
//       groups_claim: groups         # or a way: [realm_access, roles]
//       groups: {support: [agent], platform: [operator]}
//       subjects: {ci: [author]}
//
// Unknown keys, unknown roles, repetitions and values out of their limits are all named, each with its place.
#pragma once

#include <cstddef>
#include <string>

#include "service/base/result.h"
#include "service/kulanzd/access_rules.h"

namespace kulanz::server {

inline constexpr std::size_t kAccessBytesMax = std::size_t{1} << 18;
inline constexpr std::size_t kCertificatesMax = 1000;
inline constexpr std::size_t kIssuersMax = 8;
inline constexpr std::size_t kAccessNameBytesMax = 2048;  // as of a SPIFFE id

// `text` of the file `path`, whose folder relative paths are from. INVALID_ARGUMENT / ACCESS_FILE with every
// problem in its message, a line and more each.
Result<AccessRules> ParseAccessFile(const std::string& path, std::string text);
// As above, and when it cannot be read.
Result<AccessRules> ReadAccessFile(const std::string& path);

}  // namespace kulanz::server
