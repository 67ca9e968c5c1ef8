// Listening, accepting up to a limit, and the server's look at itself, on real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "service/adapters/grpc/connection_acceptor.h"
#include "service/adapters/grpc/server_probe.h"
#include "tests/support/eventually.h"
#include "tests/support/status_matchers.h"

namespace kulanz::rpc {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using std::chrono::milliseconds;

class Counts final : public ports::ServingTelemetry {
 public:
  void CallRefused(std::string_view reason) override { Add(reason); }
  void CallsObserved(std::uint32_t, std::uint32_t, Seconds) override {}
  void ConnectionOffered(std::string_view result) override { Add(result); }
  void ConnectionsObserved(std::uint32_t open, std::uint32_t) override { open_ = open; }
  void ServerProbed(std::string_view result) override { Add(result); }
  int of(const std::string& what) {
    const std::lock_guard lock(mutex_);
    return counts_[what];
  }
  std::uint32_t open() const { return open_; }

 private:
  void Add(std::string_view what) {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(what)];
  }
  std::mutex mutex_;
  std::map<std::string, int> counts_;
  std::atomic<std::uint32_t> open_{0};
};

// Of 127.0.0.<host>, which is this machine, too.
FileDescriptor Connect(int port, std::uint32_t host = 1) {
  FileDescriptor connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7F000000U + host);
  EXPECT_EQ(bind(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  if (connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return FileDescriptor();
  }
  return connection;
}

bool IsClosedByPeer(const FileDescriptor& connection) {
  pollfd watched{.fd = connection.get(), .events = POLLIN | POLLRDHUP, .revents = 0};
  return poll(&watched, 1, 0) == 1;
}

TEST(ListeningSocketsTest, AFreePortIsChosenAndTakenOnce) {
  ASSERT_OK_AND_ASSIGN(const auto sockets, ListeningSockets::Open("127.0.0.1:0"));
  EXPECT_GT(sockets.port(), 0);
  EXPECT_TRUE(Connect(sockets.port()).valid());
  EXPECT_THAT(ListeningSockets::Open("127.0.0.1:" + std::to_string(sockets.port())),
              StatusIs(Code::kUnavailable, "CANNOT_LISTEN"));
}

TEST(ListeningSocketsTest, LocalhostIsOnePortOnAllItsAddresses) {
  ASSERT_OK_AND_ASSIGN(const auto sockets, ListeningSockets::Open("localhost:0"));
  EXPECT_TRUE(Connect(sockets.port()).valid());
}

TEST(ListeningSocketsTest, AnyAddressTakesIpv4Too) {
  ASSERT_OK_AND_ASSIGN(const auto sockets, ListeningSockets::Open("[::]:0"));
  EXPECT_TRUE(Connect(sockets.port()).valid());
}

TEST(ListeningSocketsTest, WhatIsNoAddressIsRefusedWithAReason) {
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", ":50051",
                              "::1:50051", "no-such-host.invalid:0", "192.0.2.1:0",
                              "unix:", "127.0.0.1:70000"}) {  // tidy-ok(port): is none
    EXPECT_THAT(ListeningSockets::Open(address), StatusIs(Code::kUnavailable, "CANNOT_LISTEN"))
        << address;
  }
  EXPECT_THAT(ListeningSockets::Open("unix:/tmp/" + std::string(108, 'x')),
              StatusIs(Code::kUnavailable, "CANNOT_LISTEN"));
}

TEST(ListeningSocketsTest, AStaleUnixSocketIsReplacedAndNoOtherFile) {
  char directory[] = "/tmp/kulanz-listen-XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  const std::string path = std::string(directory) + "/s";
  {
    ASSERT_OK_AND_ASSIGN(auto first, ListeningSockets::Open("unix:" + path));
    ASSERT_OK_AND_ASSIGN(auto second, ListeningSockets::Open("unix:" + path));
    EXPECT_EQ(second.port(), 0);
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0) << "the socket's file is removed";
  ASSERT_EQ(symlink("/nowhere", path.c_str()), 0);
  EXPECT_THAT(ListeningSockets::Open("unix:" + path),
              StatusIs(Code::kUnavailable, "CANNOT_LISTEN"));
  unlink(path.c_str());
  rmdir(directory);
}

// An acceptor whose connections the test holds, as gRPC would.
class ConnectionAcceptorTest : public ::testing::Test {
 protected:
  ConnectionAcceptor& Start(const ConnectionLimits& limits) {
    auto sockets = ListeningSockets::Open("127.0.0.1:0");
    EXPECT_THAT(sockets, IsOk());
    acceptor_.emplace(
        std::move(sockets).value(), limits,
        [this](int, int connection) {
          const std::lock_guard lock(mutex_);
          held_.emplace_back(connection);
        },
        ConnectionAcceptor::Ports{counts_, log_});
    return *acceptor_;
  }
  std::vector<FileDescriptor> ConnectAll(int count, std::uint32_t host = 1) {
    std::vector<FileDescriptor> connections;
    for (int i = 0; i < count; ++i) {
      connections.push_back(Connect(acceptor_->port(), host));
      EXPECT_TRUE(connections.back().valid());
    }
    return connections;
  }
  void LetGo() {
    const std::lock_guard lock(mutex_);
    held_.clear();
  }

  Counts counts_;
  ports::NullLog log_;
  std::mutex mutex_;
  std::vector<FileDescriptor> held_;  // under mutex_
  std::optional<ConnectionAcceptor> acceptor_;
};

TEST_F(ConnectionAcceptorTest, OneTooManyIsClosedAtOnceAndThereIsRoomWhenOthersHaveEnded) {
  Start({.connections_max = 10, .per_address_max = 10});
  const auto connections = ConnectAll(10);
  ASSERT_TRUE(Eventually([&] { return counts_.of("accepted") == 10; }));
  const FileDescriptor refused = Connect(acceptor_->port());
  EXPECT_TRUE(Eventually([&] { return IsClosedByPeer(refused); }));
  EXPECT_EQ(counts_.of("limit"), 1);
  LetGo();
  EXPECT_TRUE(Eventually([&] {
    const FileDescriptor again = Connect(acceptor_->port());
    return counts_.of("accepted") > 10;
  }));
  LetGo();
  EXPECT_TRUE(Eventually([&] { return counts_.open() == 0; })) << "the gauge follows";
}

TEST_F(ConnectionAcceptorTest, OneAddressCannotTakeAllPlaces) {
  Start({.connections_max = 10, .per_address_max = 6});
  const auto greedy = ConnectAll(10, 2);
  ASSERT_TRUE(Eventually([&] { return counts_.of("address_limit") == 4; }));
  const auto others = ConnectAll(4, 3);
  EXPECT_TRUE(Eventually([&] { return counts_.of("accepted") == 10; }));
  EXPECT_EQ(counts_.of("limit"), 0);
}

TEST_F(ConnectionAcceptorTest, NobodyIsAcceptedAfterStop) {
  Start({});
  const int port = acceptor_->port();
  const FileDescriptor open = Connect(port);
  ASSERT_TRUE(Eventually([&] { return counts_.of("accepted") == 1; }));
  acceptor_->Stop();
  EXPECT_FALSE(Connect(port).valid());
  EXPECT_FALSE(IsClosedByPeer(open)) << "what is open is gRPC's";
}

TEST(DescriptorsForConnectionsTest, SomeAreLeftForEverythingElse) {
  EXPECT_EQ(DescriptorsForConnections(4'000, 1'048'576), 4'000U);
  EXPECT_EQ(DescriptorsForConnections(4'000, 1'024), 1'024U - 256U);
  EXPECT_EQ(DescriptorsForConnections(4'000, 64), 32U);
  EXPECT_EQ(DescriptorsForConnections(0, 64), 1U);
}

class ServerProbeTest : public ::testing::Test {
 protected:
  static constexpr ServerProbeSettings kHasty{
      .pause = milliseconds(5), .patience = milliseconds(100), .silences_max = 3};
  Counts counts_;
  ports::NullLog log_;
  std::atomic<int> told_{0};
};

TEST_F(ServerProbeTest, AServerThatAcceptsNobodyIsToldOfOnce) {
  ASSERT_OK_AND_ASSIGN(const auto sockets, ListeningSockets::Open("127.0.0.1:0"));
  const ServerProbe probe(sockets.OwnAddress(), kHasty, [this] { ++told_; }, {counts_, log_});
  EXPECT_TRUE(Eventually([&] { return counts_.of("silent") >= 5; }));
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(counts_.of("answered"), 0);
}

TEST_F(ServerProbeTest, BeingTurnedAwayIsAnAnswer) {
  ASSERT_OK_AND_ASSIGN(auto sockets, ListeningSockets::Open("127.0.0.1:0"));
  const sockaddr_storage own = sockets.OwnAddress();
  ConnectionAcceptor acceptor(std::move(sockets), {},
                              [](int, int connection) { close(connection); }, {counts_, log_});
  ServerProbeSettings patient =
      kHasty;  // On a busy machine it may be long until the acceptor's turn.
  patient.patience = std::chrono::seconds(60);
  const ServerProbe probe(own, patient, [this] { ++told_; }, {counts_, log_});
  EXPECT_TRUE(Eventually([&] { return counts_.of("answered") >= 5; }));
  EXPECT_EQ(counts_.of("silent"), 0);
  EXPECT_EQ(told_, 0);
}

TEST_F(ServerProbeTest, APortThatIsClosedIsSilent) {
  sockaddr_storage own{};
  {
    ASSERT_OK_AND_ASSIGN(const auto sockets, ListeningSockets::Open("127.0.0.1:0"));
    own = sockets.OwnAddress();
  }
  const ServerProbe probe(own, kHasty, [this] { ++told_; }, {counts_, log_});
  EXPECT_TRUE(Eventually([&] { return told_ == 1; }));
}

}  // namespace
}  // namespace kulanz::rpc
