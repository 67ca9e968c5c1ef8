// The gate itself, between plain sockets: a fault test is worth what its faults are.
#include "tests/fault/gate.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/eventually.h"

namespace kulanz::testing {
namespace {

using std::chrono::milliseconds;

class GateTest : public ::testing::Test {
 protected:
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): how the sockets API is
  GateTest() : listen_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listen_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listen_, 8), 0);
    EXPECT_EQ(getsockname(listen_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    gate_ = std::make_unique<Gate>(Gate::Target{.unix_path = "", .port = ntohs(address.sin_port)});
    Connect();
  }
  void Connect() {
    client_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(gate_->port());
    ASSERT_EQ(connect(client_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    server_ = accept(listen_, nullptr, nullptr);
    ASSERT_GE(server_, 0);
  }
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  ~GateTest() override {
    close(client_);
    close(server_);
    close(listen_);
  }

  static void Send(int fd, std::string_view bytes) {
    ASSERT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // What arrives until there are `bytes` of it, or the connection ends ("<end>").
  static std::string Receive(int fd, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
      std::string part(bytes - text.size(), '\0');
      const ssize_t size = recv(fd, part.data(), part.size(), 0);
      if (size <= 0) {
        return text + "<end>";
      }
      text.append(part, 0, static_cast<std::size_t>(size));
    }
    return text;
  }
  static bool HasBytes(int fd, milliseconds within) {
    pollfd readable{fd, POLLIN, 0};
    return poll(&readable, 1, static_cast<int>(within.count())) == 1;
  }

  int listen_;
  std::unique_ptr<Gate> gate_;
  int client_ = -1;
  int server_ = -1;
};

TEST_F(GateTest, PassesEverythingOn) {
  Send(client_, "question");
  EXPECT_EQ(Receive(server_, 8), "question");
  Send(server_, "answer");
  EXPECT_EQ(Receive(client_, 6), "answer");
  close(server_);
  EXPECT_EQ(Receive(client_, 1), "<end>");
  EXPECT_EQ(gate_->accepted(), 1);
}

TEST_F(GateTest, AStallHoldsBackOneWayUntilItIsHealed) {
  gate_->Stall(Gate::kToClient);
  Send(client_, "question");
  EXPECT_EQ(Receive(server_, 8), "question");
  Send(server_, "answer");
  EXPECT_FALSE(HasBytes(client_, milliseconds(50)));
  gate_->Heal();
  EXPECT_EQ(Receive(client_, 6), "answer");
}

TEST_F(GateTest, ACutComesAfterExactlySoManyBytes) {
  gate_->CutAfter(Gate::kToServer, 3);
  Send(client_, "question");
  EXPECT_EQ(Receive(server_, 8), "que<end>");
  EXPECT_EQ(Receive(client_, 1), "<end>");
  close(client_);
  close(server_);
  Connect();
  Send(client_, "question");
  EXPECT_EQ(Receive(server_, 8), "question") << "one cut is one cut";
}

TEST_F(GateTest, SlicesPassOneByOneAndLater) {
  gate_->Slice(2, milliseconds(20));
  const auto start = std::chrono::steady_clock::now();
  Send(client_, "question");
  EXPECT_EQ(Receive(server_, 8), "question");
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(80));
}

TEST_F(GateTest, ADelayHoldsBackBothWays) {
  gate_->Delay(milliseconds(30));
  const auto start = std::chrono::steady_clock::now();
  Send(client_, "question");
  EXPECT_EQ(Receive(server_, 8), "question");
  Send(server_, "answer");
  EXPECT_EQ(Receive(client_, 6), "answer");
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(60));
}

TEST_F(GateTest, WhatIsSwallowedNeverComes) {
  gate_->Swallow(Gate::kToServer);
  Send(client_, "lost");
  EXPECT_FALSE(HasBytes(server_, milliseconds(50)));
  gate_->Heal();
  Send(client_, "kept");
  EXPECT_EQ(Receive(server_, 4), "kept");
}

TEST_F(GateTest, AShutGateClosesWhatThereIsAndWhatComes) {
  gate_->Shut();
  EXPECT_EQ(Receive(client_, 1), "<end>");
  EXPECT_EQ(Receive(server_, 1), "<end>");
  EXPECT_EQ(gate_->accepted(), 1);
}

}  // namespace
}  // namespace kulanz::testing
