#include "service/adapters/redis/data_directory.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace kulanz::redis {
namespace {

constexpr int kLockPollMs = 20;

Status UnusableDirectory(const std::string& path, const std::string& why) {
  return Status(Code::kInvalidArgument, "DATA_DIRECTORY", "data directory " + path + ": " + why);
}

}  // namespace

Result<DataDirectory> DataDirectory::Lock(const std::string& path, Deadline deadline) {
  if (!path.starts_with('/')) {
    return UnusableDirectory(path, "an absolute path is needed");
  }
  if (DataDirectory(path, -1).socket_path().size() >= sizeof(sockaddr_un::sun_path)) {
    return UnusableDirectory(path, "too long: with /redis.sock the system allows " +
                                       std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                       " bytes");
  }
  std::error_code error;
  if (std::filesystem::create_directories(path, error)) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  }
  if (error) {
    return UnusableDirectory(path, error.message());
  }
  const int lock_fd = open((path + "/redis.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd < 0) {
    return UnusableDirectory(path, std::strerror(errno));
  }
  DataDirectory directory(path, lock_fd);
  while (flock(lock_fd, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= deadline) {
      std::string pid;
      std::ifstream(directory.pid_path()) >> pid;
      return Status(Code::kFailedPrecondition, "STORE_IN_USE",
                    "data directory " + path + " is in use by another kulanzd or its redis-server" +
                        (pid.empty() ? "" : " (process " + pid + ")"));
    }
    poll(nullptr, 0, kLockPollMs);  // flock has no deadline of its own
  }
  return directory;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_fd_(std::exchange(other.lock_fd_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_fd_ >= 0) {
    close(lock_fd_);
  }
}

}  // namespace kulanz::redis
