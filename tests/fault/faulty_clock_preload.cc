// For LD_PRELOAD: the time of day is so many seconds off as the file named by KULANZ_CLOCK_OFFSET says
// (faulty_clock.h). The monotonic clock stays right, as on a host whose time is set.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace {

long OffsetSeconds() {
  const char* const path = std::getenv("KULANZ_CLOCK_OFFSET");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return 0;
  }
  char text[32] = {};
  const ssize_t size = syscall(SYS_read, file, text, sizeof text - 1);
  close(file);
  return size > 0 ? std::strtol(text, nullptr, 10) : 0;
}

}  // namespace

extern "C" int gettimeofday(struct timeval* time, void* /*zone*/) noexcept {
  const auto failed = static_cast<int>(syscall(SYS_gettimeofday, time, nullptr));
  time->tv_sec += OffsetSeconds();
  return failed;
}

extern "C" int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
  const auto failed = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
    time->tv_sec += OffsetSeconds();
  }
  return failed;
}

extern "C" time_t time(time_t* out) noexcept {
  timeval now{};
  gettimeofday(&now, nullptr);
  if (out != nullptr) {
    *out = now.tv_sec;
  }
  return now.tv_sec;
}
