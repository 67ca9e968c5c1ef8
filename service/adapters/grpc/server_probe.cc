#include "service/adapters/grpc/server_probe.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "service/base/file_descriptor.h"

namespace kulanz::rpc {
namespace {

using std::chrono::milliseconds;

// Of the patience, so often is looked whether to stop.
constexpr int kSlices = 50;

socklen_t SizeOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET    ? sizeof(sockaddr_in)
         : address.ss_family == AF_INET6 ? sizeof(sockaddr_in6)
                                         : sizeof(sockaddr_un);
}

}  // namespace

ServerProbe::ServerProbe(const sockaddr_storage& address, const ServerProbeSettings& settings,
                         std::function<void()> on_silence, const Ports& ports)
    : address_(address),
      settings_(settings),
      on_silence_(std::move(on_silence)),
      ports_(ports),
      thread_([this] { Run(); }) {}

ServerProbe::~ServerProbe() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ServerProbe::Run() {
  int silences = 0;
  while (Pause()) {
    const Outcome outcome = Ask();
    if (outcome == Outcome::kNotAsked) {
      continue;
    }
    const bool silent = outcome == Outcome::kSilent;
    ports_.telemetry.ServerProbed(silent ? "silent" : "answered");
    if (!silent) {
      silences = 0;
    } else if (++silences <= settings_.silences_max) {
      ports_.log.Error("server_silent", "a new connection to this server is not answered",
                       {{"in_a_row", std::to_string(silences)},
                        {"restart_at", std::to_string(settings_.silences_max)}});
      if (silences == settings_.silences_max) {
        on_silence_();
      }
    }
  }
}

bool ServerProbe::Pause() {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, settings_.pause, [this] { return stopping_; });
}

ServerProbe::Outcome ServerProbe::Ask() {
  const FileDescriptor connection(
      socket(address_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection.valid()) {
    return Outcome::kNotAsked;  // Says something about descriptors, nothing about the server.
  }
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address_), SizeOf(address_)) !=
          0 &&
      errno != EINPROGRESS) {
    return Outcome::kSilent;  // EAGAIN of a Unix socket: its queue is full, nobody accepts
  }
  bool done = false;
  const milliseconds slice = std::max(settings_.patience / kSlices, milliseconds(1));
  for (int turn = 0; turn < kSlices; ++turn) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        return Outcome::kNotAsked;
      }
    }
    pollfd watched{.fd = connection.get(),
                   .events = static_cast<short>(done ? POLLIN : POLLOUT | POLLIN),
                   .revents = 0};
    if (poll(&watched, 1, static_cast<int>(slice.count())) <= 0) {
      continue;
    }
    if ((watched.revents & (POLLIN | POLLERR | POLLHUP)) != 0) {
      int error = 0;
      socklen_t size = sizeof(error);
      getsockopt(connection.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      return error == ECONNREFUSED || error == ETIMEDOUT ? Outcome::kSilent : Outcome::kAnswered;
    }
    // With that a server that waits for our words (TLS) hangs up; any other has said its settings.
    shutdown(connection.get(), SHUT_WR);
    done = true;
  }
  return Outcome::kSilent;
}

}  // namespace kulanz::rpc
