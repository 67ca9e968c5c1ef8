#include "service/adapters/maildir/maildir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>

namespace kulanz::adapters {
namespace {

constexpr std::string_view kSuffix = ".eml";  // so that a double click opens it
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (valid()) close(descriptor_);
  }
  bool valid() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Status Failure(int error) {
  const std::string cause = std::strerror(error);
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Status(Code::kFailedPrecondition, "DISK_FULL", cause);
    case EACCES:
    case EPERM:
    case EROFS:
      return Status(Code::kFailedPrecondition, "MAILDIR_FORBIDDEN", cause);
    case ENOENT:
    case ENOTDIR:
      return Status(Code::kFailedPrecondition, "MAILDIR_GONE", cause);
    default:
      return Status(Code::kUnavailable, "MAILDIR_IO", cause);
  }
}

void ForEachName(const std::string& folder, const std::function<void(const std::string&)>& visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(folder.c_str()), closedir);
  if (stream == nullptr) return;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own.
  while (const dirent* entry = readdir(stream.get())) {
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name.front() != '.') visit(name);
  }
}

// What a process that died while it wrote has left.
void RemoveStrays(const std::string& tmp) {
  constexpr std::time_t kStrayAge = std::time_t{36} * 3600;
  const std::time_t now = std::time(nullptr);
  ForEachName(tmp, [&](const std::string& name) {
    const std::string file = tmp + "/" + name;
    struct stat info {};
    if (lstat(file.c_str(), &info) == 0 && now - info.st_mtim.tv_sec > kStrayAge) {
      unlink(file.c_str());
    }
  });
}

int WriteNewFile(const std::string& file, std::string_view bytes, bool synced) {
  const Descriptor out(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.valid()) return errno;
  while (!bytes.empty()) {
    const ssize_t written = write(out.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return synced && fsync(out.get()) != 0 ? errno : 0;
}

int SyncFolder(const std::string& folder) {
  const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return descriptor.valid() && fsync(descriptor.get()) == 0 ? 0 : errno;
}

std::int64_t ChangedAt(const std::string& folder) {
  struct stat info {};
  if (stat(folder.c_str(), &info) != 0) return 0;
  return info.st_mtim.tv_sec * kNanosPerSecond + info.st_mtim.tv_nsec;
}

}  // namespace

Maildir::Maildir(std::string path, Durability durability)
    : path_(std::move(path)), durability_(durability) {}

Result<std::unique_ptr<Maildir>> Maildir::Open(const std::string& path, Durability durability) {
  constexpr std::array<std::string_view, 4> kFolders = {"", "/tmp", "/new", "/cur"};
  for (const std::string_view folder : kFolders) {
    const std::string full = path + std::string(folder);
    const bool made = mkdir(full.c_str(), 0700) == 0 || errno == EEXIST;
    if (!made || access(full.c_str(), R_OK | W_OK | X_OK) != 0) {
      return Status(Code::kFailedPrecondition, "MAILDIR_UNUSABLE",
                    full + ": " + std::strerror(errno))
          .WithMetadata("path", full);
    }
  }
  RemoveStrays(path + "/tmp");
  return std::unique_ptr<Maildir>(new Maildir(path, durability));
}

Result<bool> Maildir::Write(const std::string& name, std::string_view letter) {
  const std::string file = name + std::string(kSuffix);
  if (Exists(file)) return false;
  // Unique in this machine's processes; the letter's name makes it recognisable to a person.
  static std::atomic<std::uint64_t> next{0};
  const std::string tmp =
      path_ + "/tmp/" + name + "." + std::to_string(getpid()) + "." + std::to_string(next++);
  const bool synced = durability_ == Durability::kSynced;
  int error = WriteNewFile(tmp, letter, synced);
  if (error == 0 && rename(tmp.c_str(), (path_ + "/new/" + file).c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(tmp.c_str());
    return Failure(error);
  }
  if (synced) error = SyncFolder(path_ + "/new");
  if (error != 0) return Failure(error);
  return true;
}

bool Maildir::Exists(const std::string& file) {
  struct stat info {};
  return stat((path_ + "/new/" + file).c_str(), &info) == 0 || IsInCur(file);
}

bool Maildir::IsInCur(const std::string& file) {
  const std::string folder = path_ + "/cur";
  const std::lock_guard lock(cur_mutex_);
  const std::int64_t changed = ChangedAt(folder);
  if (cur_changed_ns_ != changed) {
    cur_.clear();
    // The part behind ':' is the reader's flags.
    ForEachName(folder,
                [&](const std::string& name) { cur_.insert(name.substr(0, name.find(':'))); });
    // Two changes within the clock's tick look like one: a listing of a folder that changed just now is
    // not to be relied on later.
    const std::int64_t now = std::time(nullptr) * kNanosPerSecond;
    cur_changed_ns_.reset();
    if (now - changed > 2 * kNanosPerSecond) cur_changed_ns_ = changed;
  }
  return cur_.contains(file);
}

}  // namespace kulanz::adapters
