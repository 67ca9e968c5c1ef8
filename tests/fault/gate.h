// Gate: a TCP proxy between a client and a server under test, and all that can go wrong there.
//
//   Gate gate({.unix_path = server.directory() + "/s"});
//   connect the client to 127.0.0.1, gate.port();
//   gate.CutAfter(Gate::kToClient, 3);   // the reply breaks off after 3 bytes
//   gate.Heal();
//
// It passes everything on until told otherwise. A fault holds for the connections there are and for those
// to come, until Heal or another of its kind. Each method returns once it holds.
//
// Thread-safety: any method from any thread. One thread of its own does the work; the destructor closes
// everything. A failure of the system fails the test.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace kulanz::testing {

class Gate {
 public:
  enum Direction : std::uint8_t { kToServer, kToClient };
  struct Target {
    std::string unix_path;   // or:
    std::uint16_t port = 0;  // of loopback
  };
  using Milliseconds = std::chrono::milliseconds;

  explicit Gate(Target target);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  std::uint16_t port() const { return port_; }

  // Nothing passes this way, and nothing is lost: it waits before the gate.
  void Stall(Direction direction);
  // What comes this way is read and thrown away.
  void Swallow(Direction direction);
  // Both ways: each byte passes so much later.
  void Delay(Milliseconds pause);
  // Both ways: passes in pieces of `bytes`, with a pause before each.
  void Slice(std::size_t bytes, Milliseconds pause);
  // Lets so many more bytes pass this way, over all connections, and then cuts them all.
  void CutAfter(Direction direction, std::size_t bytes);
  // Closes every connection. New ones may come.
  void Cut();
  // Closes every connection, and each new one at once.
  void Shut();
  // Everything passes again; what was stalled comes now.
  void Heal();

  // Connections accepted so far.
  int accepted() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Way {
    bool stalled = false;
    bool swallows = false;
    std::optional<std::size_t> bytes_left;  // before the cut
  };
  struct Faults {
    std::array<Way, 2> ways;
    Milliseconds delay{0};
    std::size_t slice = 0;  // 0: whole
    bool shut = false;
    std::uint64_t cuts = 0;  // asked for so far
  };
  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };
  struct Link {
    std::array<int, 2> from{-1, -1};  // by direction: the client's socket, the server's
    std::array<std::deque<Piece>, 2> waiting;
    bool closed = false;
    int to(std::size_t direction) const { return from.at(1 - direction); }
  };

  void Change(const std::function<void(Faults&)>& change);
  void Main();
  void Wait();
  void Accept();
  int ConnectToTarget() const;
  void Receive(Link& link, std::size_t direction);
  void Pass(Link& link, std::size_t direction);
  static void Close(Link& link);

  const Target target_;
  std::uint16_t port_ = 0;
  const int listen_fd_;
  const int wake_fd_;

  mutable std::mutex mutex_;
  std::condition_variable applied_;
  Faults wanted_;                // under mutex_
  std::uint64_t version_ = 1;    // of wanted_, under mutex_
  std::uint64_t in_effect_ = 0;  // under mutex_
  int accepted_ = 0;             // under mutex_
  bool stopping_ = false;        // under mutex_

  // On the thread only.
  Faults faults_;
  std::list<Link> links_;

  std::thread thread_;
};

}  // namespace kulanz::testing
