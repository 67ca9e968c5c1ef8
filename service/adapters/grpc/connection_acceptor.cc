#include "service/adapters/grpc/connection_acceptor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace kulanz::rpc {
namespace {

using std::chrono::milliseconds;

// How often it is looked which connections have ended: for the gauge, and when there is no room.
constexpr milliseconds kSweepPause{1'000};
constexpr milliseconds kSweepPauseWhenFull{50};
// So many of one listener before the others have their turn.
constexpr int kAcceptsPerTurn = 64;
// accept(2) fails for want of memory: trying again at once would only burn the processor.
constexpr milliseconds kPauseWithoutMemory{50};
// Redis, letters, events, metrics, files of policies and secrets, gRPC's own.
constexpr std::uint64_t kDescriptorsKept = 256;

FileDescriptor OpenSpare() { return FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

std::uint32_t DescriptorsForConnections(std::uint32_t wanted, std::uint64_t descriptors_max) {
  // Of a small number half is kept, so that the limit is never more than what there is.
  const std::uint64_t kept = std::min(kDescriptorsKept, descriptors_max / 2);
  const std::uint64_t room = descriptors_max - kept;
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(std::min<std::uint64_t>(wanted, room), 1));
}

ConnectionAcceptor::ConnectionAcceptor(ListeningSockets sockets, const ConnectionLimits& limits,
                                       HandOver hand_over, const Ports& ports)
    : limits_(limits),
      hand_over_(std::move(hand_over)),
      ports_(ports),
      port_(sockets.port()),
      own_address_(sockets.OwnAddress()),
      sockets_(std::move(sockets)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      spare_(OpenSpare()),
      open_(limits),
      thread_([this] { Run(); }) {}

void ConnectionAcceptor::Stop() {
  if (thread_.joinable()) {
    eventfd_write(wake_.get(), 1);
    thread_.join();
    sockets_.Close();
  }
}

void ConnectionAcceptor::Run() {
  std::vector<pollfd> watched;
  for (const int listener : sockets_.descriptors()) {
    watched.push_back({.fd = listener, .events = POLLIN, .revents = 0});
  }
  watched.push_back({.fd = wake_.get(), .events = POLLIN, .revents = 0});
  while (true) {
    poll(watched.data(), watched.size(), static_cast<int>(kSweepPause.count()));
    if (watched.back().revents != 0) {
      return;
    }
    bool memory = true;
    for (pollfd& one : watched) {
      if (std::exchange(one.revents, short{0}) != 0) {
        memory = Accept(one.fd) && memory;
      }
    }
    if (!memory) {
      poll(&watched.back(), 1, static_cast<int>(kPauseWithoutMemory.count()));
    }
    SweepIfDue(kSweepPause);
  }
}

bool ConnectionAcceptor::Accept(int listener) {
  for (int turn = 0; turn < kAcceptsPerTurn; ++turn) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    FileDescriptor connection(
        accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.valid()) {
      Take(listener, std::move(connection), peer);
    } else if (errno == EMFILE || errno == ENFILE) {
      if (!TurnAway(listener)) {
        return false;
      }
    } else if (errno == ENOBUFS || errno == ENOMEM) {
      return false;
    } else if (errno == EAGAIN) {
      return true;
    }  // Else the connection has broken while it waited.
  }
  return true;
}

void ConnectionAcceptor::Take(int listener, FileDescriptor connection,
                              const sockaddr_storage& peer) {
  const std::string address = AddressKey(peer);
  auto room = open_.RoomFor(address);
  if (room != OpenConnections::Room::kYes) {
    SweepIfDue(kSweepPauseWhenFull);
    room = open_.RoomFor(address);
  }
  if (room == OpenConnections::Room::kYes) {
    open_.Add(connection.get(), address);
    ports_.telemetry.ConnectionOffered("accepted");
    hand_over_(listener, connection.Release());
    return;
  }
  const bool by_address = room == OpenConnections::Room::kFullForAddress;
  ports_.telemetry.ConnectionOffered(by_address ? "address_limit" : "limit");
  ports_.log.Warning(
      "connection_refused",
      by_address ? "one address has as many connections as it may have"
                 : "there are as many connections as there may be",
      {{"open", std::to_string(open_.count())},
       {"limit", std::to_string(by_address ? limits_.per_address_max : limits_.connections_max)}});
}

bool ConnectionAcceptor::TurnAway(int listener) {
  spare_ = FileDescriptor();
  {
    const FileDescriptor connection(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    // Closed: the peer sees it at once and tries again, here or elsewhere.
  }
  spare_ = OpenSpare();
  ports_.telemetry.ConnectionOffered("no_descriptor");
  ports_.log.Error("no_descriptor",
                   "a connection was closed because no file descriptor is left; raise the limit of "
                   "open files (RLIMIT_NOFILE) or lower --connections-max",
                   {{"open", std::to_string(open_.count())}});
  return spare_.valid();
}

void ConnectionAcceptor::SweepIfDue(std::chrono::milliseconds pause) {
  const auto now = std::chrono::steady_clock::now();
  if (now - swept_ >= pause) {
    swept_ = now;
    open_.Sweep();
    ports_.telemetry.ConnectionsObserved(open_.count(), limits_.connections_max);
  }
}

}  // namespace kulanz::rpc
