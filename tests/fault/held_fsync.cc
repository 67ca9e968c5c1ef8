// For LD_PRELOAD: a disk that takes its time. fsync and fdatasync wait for as long as the file named by
// KULANZ_HOLD_FSYNC exists.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

namespace {

void WaitWhileHeld() {
  const char* const hold = std::getenv("KULANZ_HOLD_FSYNC");
  while (hold != nullptr && access(hold, F_OK) == 0) {
    usleep(1000);
  }
}

}  // namespace

extern "C" int fsync(int fd) {
  WaitWhileHeld();
  return static_cast<int>(syscall(SYS_fsync, fd));
}

extern "C" int fdatasync(int fd) {
  WaitWhileHeld();
  return static_cast<int>(syscall(SYS_fdatasync, fd));
}
