#include "service/adapters/system/secret_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "service/base/crypto.h"
#include "service/base/file_descriptor.h"

namespace kulanz::adapters {
namespace {

constexpr std::string_view kSuffix = ".secret";
constexpr std::size_t kFileBytesMax = 4096;

Status Refused(std::string_view reason, const std::string& path, const std::string& why) {
  return Status(Code::kFailedPrecondition, reason, path + ": " + why).WithMetadata("path", path);
}
Status UnreadableSecret(const std::string& path) {
  return Refused("SECRET_UNREADABLE", path, std::strerror(errno));
}
Status NotCreated(const std::string& path) {
  return Refused("SECRET_NOT_CREATED", path, std::strerror(errno));
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// One line into `secret`; what is wrong with it, or empty.
std::string_view ReadLine(std::string_view line, SecretFile& secret) {
  constexpr std::string_view kUsedFrom = "used_from:";
  constexpr std::string_view kFollows = "follows:";
  if (line.empty() || line.front() == '#') return {};
  if (line.starts_with(kUsedFrom)) {
    const std::optional<Instant> instant = ParseInstant(Trimmed(line.substr(kUsedFrom.size())));
    if (!instant) return "used_from is not an instant such as 2026-01-01T00:00:00Z";
    secret.used_from = *instant;
    return {};
  }
  if (line.starts_with(kFollows)) {
    secret.follows = Trimmed(line.substr(kFollows.size()));
    return IsSecretId(secret.follows) ? "" : "follows is not the id of a secret";
  }
  if (!secret.bytes.empty()) return "a second secret in the same file";
  std::optional<std::string> bytes = FromHex(line);
  if (!bytes) return "the secret is not an even number of hexadecimal digits";
  if (bytes->size() < kSecretBytesMin) return "the secret has fewer than 64 hexadecimal digits";
  if (bytes->size() > kSecretBytesMax) return "the secret has more than 1024 hexadecimal digits";
  secret.bytes = std::move(*bytes);
  return {};
}

Result<std::string> ReadGuarded(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file.valid() || fstat(file.get(), &info) != 0) return UnreadableSecret(path);
  if (!S_ISREG(info.st_mode)) return Refused("SECRET_UNREADABLE", path, "not a regular file");
  if ((info.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return Refused("SECRET_EXPOSED", path,
                   "others may read or change it; run chmod 600 (or 0440 with a group of its own)");
  }
  std::string text(kFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return UnreadableSecret(path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kFileBytesMax) return Refused("SECRET_MALFORMED", path, "larger than 4096 bytes");
  text.resize(size);
  return text;
}

Result<SecretFile> ReadSecretFile(const std::string& path, std::string id) {
  KULANZ_ASSIGN_OR_RETURN(const std::string text, ReadGuarded(path));
  SecretFile secret;
  secret.id = std::move(id);
  int number = 1;
  for (std::string_view rest = text; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view problem = ReadLine(Trimmed(rest.substr(0, end)), secret);
    if (!problem.empty()) {
      return Refused("SECRET_MALFORMED", path + ":" + std::to_string(number), std::string(problem));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (secret.bytes.empty()) return Refused("SECRET_MALFORMED", path, "contains no secret");
  return secret;
}

Status WriteDurably(const std::string& path, std::string_view text, mode_t mode) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  // The umask may have taken from it.
  if (!file.valid() || fchmod(file.get(), mode) != 0) return NotCreated(path);
  while (!text.empty()) {
    const ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return NotCreated(path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return fsync(file.get()) == 0 ? Status::Ok() : NotCreated(path);
}

}  // namespace

bool IsSecretId(std::string_view id) {
  return !id.empty() && id.size() <= kSecretIdBytesMax &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

Result<std::vector<SecretFile>> ReadSecretFiles(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  std::vector<SecretFile> secrets;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.front() == '.' || !name.ends_with(kSuffix)) continue;
    std::string id = name.substr(0, name.size() - kSuffix.size());
    if (!IsSecretId(id)) {
      return Refused("SECRET_MALFORMED", entry->path().string(),
                     "its id must be 1 to 16 of a-z, 0-9 and '-'");
    }
    if (secrets.size() == kSecretsMax) {
      return Refused("SECRET_MALFORMED", directory, "more than 64 secrets; remove the oldest");
    }
    KULANZ_ASSIGN_OR_RETURN(SecretFile secret,
                            ReadSecretFile(entry->path().string(), std::move(id)));
    secrets.push_back(std::move(secret));
  }
  if (error) return Refused("SECRET_UNREADABLE", directory, error.message());
  std::sort(secrets.begin(), secrets.end(),
            [](const SecretFile& a, const SecretFile& b) { return a.id < b.id; });
  return secrets;
}

Result<bool> CreateSecretFileIfMissing(const std::string& directory, const NewSecretFile& secret,
                                       ports::Entropy& entropy) {
  const std::string path = directory + "/" + secret.id + std::string(kSuffix);
  if (!IsSecretId(secret.id)) return Refused("SECRET_NOT_CREATED", path, "not a valid id");
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return NotCreated(directory);
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) return false;

  std::array<std::uint8_t, kSecretBytesMin + 8> random{};
  entropy.Fill(random);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const std::string_view bytes(reinterpret_cast<const char*>(random.data()), random.size());
  const std::string temporary =
      directory + "/." + secret.id + "." + ToHex(bytes.substr(kSecretBytesMin)) + ".tmp";
  std::string text = ToHex(bytes.substr(0, kSecretBytesMin)) + "\n";
  if (secret.used_from) text += "used_from: " + FormatInstant(*secret.used_from) + "\n";
  if (!secret.follows.empty()) text += "follows: " + secret.follows + "\n";
  Status written = WriteDurably(temporary, text, secret.group_may_read ? 0640 : 0600);
  bool created = false;
  if (written.ok()) {
    // link(2) refuses an existing name, where rename(2) would replace a secret that is already in use.
    created = link(temporary.c_str(), path.c_str()) == 0;
    if (!created && errno != EEXIST) written = NotCreated(path);
  }
  unlink(temporary.c_str());
  KULANZ_RETURN_IF_ERROR(written);
  const FileDescriptor parent(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.valid() || fsync(parent.get()) != 0) return NotCreated(directory);
  return created;
}

}  // namespace kulanz::adapters
