#include "tests/fault/gate.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

namespace kulanz::testing {
namespace {

// More is left to the sockets' own buffers.
constexpr std::size_t kWaitingMax = 64;

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): how the sockets API is
int ListenOnLoopback(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(fd, 128), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port = ntohs(address.sin_port);
  return fd;
}

int ConnectToPort(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

int ConnectToSocket(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}
// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

}  // namespace

Gate::Gate(Target target)
    : target_(std::move(target)),
      listen_fd_(ListenOnLoopback(port_)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Main(); }) {}

Gate::~Gate() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  eventfd_write(wake_fd_, 1);
  thread_.join();
  close(listen_fd_);
  close(wake_fd_);
}

void Gate::Change(const std::function<void(Faults&)>& change) {
  std::unique_lock lock(mutex_);
  change(wanted_);
  const std::uint64_t version = ++version_;
  eventfd_write(wake_fd_, 1);
  applied_.wait(lock, [&] { return in_effect_ >= version; });
}

void Gate::Stall(Direction direction) {
  Change([&](Faults& faults) { faults.ways.at(direction).stalled = true; });
}
void Gate::Swallow(Direction direction) {
  Change([&](Faults& faults) { faults.ways.at(direction).swallows = true; });
}
void Gate::Delay(Milliseconds pause) {
  Change([&](Faults& faults) { faults.delay = pause; });
}
void Gate::Slice(std::size_t bytes, Milliseconds pause) {
  Change([&](Faults& faults) {
    faults.slice = bytes;
    faults.delay = pause;
  });
}
void Gate::CutAfter(Direction direction, std::size_t bytes) {
  Change([&](Faults& faults) { faults.ways.at(direction).bytes_left = bytes; });
}
void Gate::Cut() {
  Change([](Faults& faults) { ++faults.cuts; });
}
void Gate::Shut() {
  Change([](Faults& faults) {
    ++faults.cuts;
    faults.shut = true;
  });
}
void Gate::Heal() {
  Change([](Faults& faults) {
    const std::uint64_t cuts = faults.cuts;
    faults = {};
    faults.cuts = cuts;
  });
}

int Gate::accepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

void Gate::Main() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        break;
      }
      if (in_effect_ != version_) {
        if (wanted_.cuts != faults_.cuts) {
          std::for_each(links_.begin(), links_.end(), Close);
        }
        faults_ = wanted_;
        // One cut is one cut: what comes after it passes.
        for (Way& way : wanted_.ways) {
          way.bytes_left.reset();
        }
        in_effect_ = version_;
        applied_.notify_all();
      }
    }
    links_.remove_if([](const Link& link) { return link.closed; });
    Wait();
  }
  std::for_each(links_.begin(), links_.end(), Close);
}

// For something to do, and does it.
void Gate::Wait() {
  struct Interest {
    Link* link;
    std::size_t direction;
  };
  std::vector<pollfd> fds{{wake_fd_, POLLIN, 0}, {listen_fd_, POLLIN, 0}};
  std::vector<Interest> interests;
  int timeout_ms = -1;
  const Clock::time_point now = Clock::now();
  for (Link& link : links_) {
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const bool stalled = faults_.ways.at(direction).stalled;
      const std::deque<Piece>& waiting = link.waiting.at(direction);
      if (!stalled && waiting.size() < kWaitingMax) {
        fds.push_back({link.from.at(direction), POLLIN, 0});
        interests.push_back({&link, direction});
      }
      if (!stalled && !waiting.empty()) {
        const auto pause = std::chrono::ceil<Milliseconds>(waiting.front().due - now).count();
        const int pause_ms = static_cast<int>(std::max<std::int64_t>(0, pause));
        timeout_ms = timeout_ms < 0 ? pause_ms : std::min(timeout_ms, pause_ms);
      }
    }
  }
  poll(fds.data(), fds.size(), timeout_ms);
  eventfd_t ignored = 0;
  eventfd_read(wake_fd_, &ignored);
  for (std::size_t index = 0; index < interests.size(); ++index) {
    if (fds[index + 2].revents != 0 && !interests[index].link->closed) {
      Receive(*interests[index].link, interests[index].direction);
    }
  }
  for (Link& link : links_) {
    for (std::size_t direction = 0; direction < 2; ++direction) {
      Pass(link, direction);
    }
  }
  if (fds[1].revents != 0) {
    Accept();
  }
}

void Gate::Accept() {
  const int client = accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) {
    return;
  }
  const int server = faults_.shut ? -1 : ConnectToTarget();
  if (server < 0) {
    close(client);
    return;
  }
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Link link;
  link.from = {client, server};
  links_.push_back(std::move(link));
  const std::lock_guard lock(mutex_);
  ++accepted_;
}

int Gate::ConnectToTarget() const {
  return target_.unix_path.empty() ? ConnectToPort(target_.port)
                                   : ConnectToSocket(target_.unix_path);
}

void Gate::Receive(Link& link, std::size_t direction) {
  std::array<char, 64 * 1024> bytes{};
  const ssize_t size = recv(link.from.at(direction), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size <= 0) {
    return Close(link);
  }
  if (faults_.ways.at(direction).swallows) {
    return;
  }
  std::deque<Piece>& waiting = link.waiting.at(direction);
  const std::size_t slice = faults_.slice == 0 ? bytes.size() : faults_.slice;
  const Clock::time_point soonest = Clock::now() + faults_.delay;
  Clock::time_point due = waiting.empty() ? soonest : std::max(soonest, waiting.back().due);
  const auto total = static_cast<std::size_t>(size);
  for (std::size_t at = 0; at < total; at += slice) {
    due += at == 0 ? Milliseconds(0) : faults_.delay;
    waiting.push_back({due, std::string(bytes.data() + at, std::min(slice, total - at))});
  }
}

void Gate::Pass(Link& link, std::size_t direction) {
  Way& way = faults_.ways.at(direction);
  std::deque<Piece>& waiting = link.waiting.at(direction);
  while (!link.closed && !way.stalled && !waiting.empty() &&
         (waiting.front().due <= Clock::now() || faults_.delay == Milliseconds(0))) {
    std::string bytes = std::move(waiting.front().bytes);
    waiting.pop_front();
    const bool cuts = way.bytes_left && bytes.size() >= *way.bytes_left;
    bytes.resize(cuts ? *way.bytes_left : bytes.size());
    // Blocks while the receiver does not read: both ends of a test do.
    const ssize_t size = send(link.to(direction), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (cuts) {
      way.bytes_left.reset();
      std::for_each(links_.begin(), links_.end(), Close);
      return;
    }
    if (size != static_cast<ssize_t>(bytes.size())) {
      return Close(link);
    }
    if (way.bytes_left) {
      *way.bytes_left -= bytes.size();
    }
  }
}

void Gate::Close(Link& link) {
  if (!std::exchange(link.closed, true)) {
    close(link.from[0]);
    close(link.from[1]);
  }
}

}  // namespace kulanz::testing
