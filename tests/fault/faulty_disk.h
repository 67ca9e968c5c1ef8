// FaultyDisk: a disk that takes its time, or is full, for a redis-server of a test.
//
//   FaultyDisk disk;        // before the server, which inherits it
//   TempRedis server;
//   disk.StopInheriting();  // servers to come have a disk without faults
//
// Done by LD_PRELOAD (faulty_disk_preload.cc). Not thread-safe while servers are started: it sets
// environment variables.
#pragma once

#include <string>

namespace kulanz::testing {

class FaultyDisk {
 public:
  // kSkip: fsync returns at once. For a server that is killed, but whose machine never loses power, that is
  // the same, and many times quicker.
  enum class Sync { kReal, kSkip };
  explicit FaultyDisk(Sync sync = Sync::kReal);
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  static void StopInheriting();
  // Servers that are started from now on have it, again.
  void Inherit() const;
  // fsync hangs.
  void Hold() const;
  // Writes to files fail.
  void Fill() const;
  // Both are over.
  void Release() const;

 private:
  const Sync sync_;
  const std::string path_;
};

}  // namespace kulanz::testing
