// SigpipeGuard: while it lives, a write of this thread to a connection that the other side has closed is
// an error of that write (EPIPE), not the end of the process.
//
// For libraries that write to sockets without MSG_NOSIGNAL (hiredis, and OpenSSL under it), in programs that
// leave SIGPIPE as it is: command line tools, tests, whoever embeds us. Thread-safety: made and destroyed on
// one thread; guards of one thread may nest.
#pragma once

#include <csignal>

namespace kulanz {

class SigpipeGuard {
 public:
  SigpipeGuard();
  // A signal that came under this guard is taken off the thread; one that was pending before stays.
  ~SigpipeGuard();
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t before_{};  // what this thread blocked
  bool was_pending_ = false;
};

}  // namespace kulanz
