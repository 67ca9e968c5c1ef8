// For LD_PRELOAD: a disk with faults (faulty_disk.h). fsync and fdatasync wait for as long as the file
// named by KULANZ_HOLD_FSYNC exists; writes to files fail with ENOSPC while that of KULANZ_DISK_FULL does.
// With KULANZ_SKIP_FSYNC they do nothing else: what was written survives a process that is killed anyway.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

bool IsAsked(const char* variable) {
  const char* const path = std::getenv(variable);
  return path != nullptr && access(path, F_OK) == 0;
}

void WaitWhileHeld() {
  while (IsAsked("KULANZ_HOLD_FSYNC")) {
    usleep(1000);
  }
}

bool IsSkipped() { return std::getenv("KULANZ_SKIP_FSYNC") != nullptr; }

bool IsFile(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

extern "C" int fsync(int fd) {
  WaitWhileHeld();
  return IsSkipped() ? 0 : static_cast<int>(syscall(SYS_fsync, fd));
}

extern "C" int fdatasync(int fd) {
  WaitWhileHeld();
  return IsSkipped() ? 0 : static_cast<int>(syscall(SYS_fdatasync, fd));
}

extern "C" ssize_t write(int fd, const void* bytes, size_t size) {
  if (IsFile(fd) && IsAsked("KULANZ_DISK_FULL")) {
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_write, fd, bytes, size);
}
