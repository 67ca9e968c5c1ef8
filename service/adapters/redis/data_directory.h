// DataDirectory: the directory of an embedded Redis, held by one owner at a time.
//
// Two servers that append to one file would destroy it, so the owner holds a lock (flock on redis.lock)
// and hands it down to its redis-server: a server that outlives a killed owner keeps the lock until it
// has ended, and the next start waits for that instead of sharing or stealing the directory.
// Ownership: movable; the destructor lets go of our part of the lock.
#pragma once

#include <string>

#include "service/base/result.h"
#include "service/domain/time.h"

namespace kulanz::redis {

class DataDirectory {
 public:
  // Creates `path` (absolute, mode 0700) when it is missing, and waits for the lock.
  //   INVALID_ARGUMENT / DATA_DIRECTORY     relative, too long for a Unix socket, or not usable.
  //   FAILED_PRECONDITION / STORE_IN_USE    somebody else still holds it at the deadline.
  static Result<DataDirectory> Lock(const std::string& path, Deadline deadline);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::string& path() const { return path_; }
  std::string socket_path() const { return path_ + "/redis.sock"; }
  std::string pid_path() const { return path_ + "/redis.pid"; }
  int lock_fd() const { return lock_fd_; }

 private:
  DataDirectory(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}

  std::string path_;
  int lock_fd_;
};

}  // namespace kulanz::redis
