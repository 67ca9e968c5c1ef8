#include "service/adapters/system/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "service/base/file_descriptor.h"

namespace kulanz::adapters {
namespace {

Status Unreadable(const std::string& path, const std::string& why) {
  return Status(Code::kFailedPrecondition, "FILE", "cannot read " + path + ": " + why);
}

std::int64_t Nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path, std::size_t bytes_max) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) {
    return Unreadable(path, std::system_category().message(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return Unreadable(path, "it is no regular file");
  }
  std::string text;
  constexpr std::size_t kChunk = 16 * 1024;
  while (text.size() <= bytes_max) {
    const std::size_t before = text.size();
    text.resize(before + kChunk);
    const ssize_t got = ::read(file.get(), text.data() + before, kChunk);
    if (got < 0 && errno == EINTR) {
      text.resize(before);
      continue;
    }
    if (got < 0) {
      return Unreadable(path, std::system_category().message(errno));
    }
    text.resize(before + static_cast<std::size_t>(got));
    if (got == 0) {
      return text;
    }
  }
  return Unreadable(path, "it has more than " + std::to_string(bytes_max) + " bytes");
}

FileStamp StampOf(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    return {};
  }
  return {.exists = true,
          .others_may_read = (status.st_mode & S_IROTH) != 0,
          .device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = Nanoseconds(status.st_mtim),
          .changed_ns = Nanoseconds(status.st_ctim)};
}

}  // namespace kulanz::adapters
