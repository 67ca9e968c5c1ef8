// Secret files: keys that an operator keeps in a directory, one `<id>.secret` each.
//
//   3f9c...64 or more hexadecimal digits (32 to 512 bytes)...
//   used_from: 2026-01-01T00:00:00Z        (optional: for what is of then or later; else from ever)
//   follows: c1                            (optional: the id of the one that it takes over from)
//
// Lines that begin with '#' and empty lines are skipped. Ids are [a-z0-9-], 1 to 16 of them. Files that
// are not called *.secret and hidden files are left alone; links are followed, as Kubernetes mounts
// secrets so. A file that others may read or write, or that the group may write, is refused.
//
// Blocking file I/O: at start and on reload. No message contains a byte of a secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"
#include "service/domain/time.h"
#include "service/ports/entropy.h"

namespace kulanz::adapters {

inline constexpr std::size_t kSecretBytesMin = 32;  // as much as SHA-256 gives
inline constexpr std::size_t kSecretBytesMax = 512;
inline constexpr std::size_t kSecretsMax = 64;  // rotations kept; one a month for five years
inline constexpr std::size_t kSecretIdBytesMax = 16;

struct SecretFile {
  std::string id;
  Instant used_from = kMinInstant;
  std::string follows;  // empty: not said
  std::string bytes;    // decoded
};

// A file to be made, with fresh random bytes.
struct NewSecretFile {
  std::string id = {};
  std::optional<Instant> used_from = std::nullopt;  // nothing: from ever
  std::string follows = {};
  bool group_may_read = false;  // mode 0640 instead of 0600
};

// All secrets of `directory`, by id. An existing directory without one gives an empty list.
//   FAILED_PRECONDITION / SECRET_UNREADABLE   no such directory or file, or no permission
//   FAILED_PRECONDITION / SECRET_EXPOSED      its mode lets others read or write it
//   FAILED_PRECONDITION / SECRET_MALFORMED    its name or content is not as above; names file and line
Result<std::vector<SecretFile>> ReadSecretFiles(const std::string& directory);

// Makes sure that `<id>.secret` exists, as `secret` says if it does not; a missing
// directory is created with mode 0700. Atomic and durable: of several processes that start together one
// creates it and all read the same afterwards. True when this call created it.
//   FAILED_PRECONDITION / SECRET_NOT_CREATED
Result<bool> CreateSecretFileIfMissing(const std::string& directory, const NewSecretFile& secret,
                                       ports::Entropy& entropy);

// Whether it is 1 to kSecretIdBytesMax of [a-z0-9-].
bool IsSecretId(std::string_view id);

}  // namespace kulanz::adapters
