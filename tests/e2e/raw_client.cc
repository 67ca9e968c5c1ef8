#include "tests/e2e/raw_client.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace kulanz::e2e {
namespace {

constexpr int kPatienceMs = 20'000;

std::string BigEndian(std::uint64_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = bytes; i-- > 0;) {
    out += static_cast<char>((value >> (8 * i)) & 0xFFU);
  }
  return out;
}

// An HPACK string that is not Huffman-coded; RFC 7541, 5.1 and 5.2.
std::string HpackText(std::string_view text) {
  constexpr std::size_t kPrefixMax = 127;
  std::string out;
  if (text.size() < kPrefixMax) {
    out += static_cast<char>(text.size());
  } else {
    out += static_cast<char>(kPrefixMax);
    std::size_t rest = text.size() - kPrefixMax;
    for (; rest >= 128; rest /= 128) {
      out += static_cast<char>(rest % 128 + 128);
    }
    out += static_cast<char>(rest);
  }
  return out.append(text);
}

}  // namespace

std::string MakeFrame(Frame type, std::uint8_t flags, std::uint32_t stream, std::string_view body,
                      std::int64_t length) {
  const std::uint64_t claimed = length < 0 ? body.size() : static_cast<std::uint64_t>(length);
  return BigEndian(claimed, 3) + static_cast<char>(type) + static_cast<char>(flags) +
         BigEndian(stream, 4) + std::string(body);
}

std::string Settings(std::uint16_t id, std::uint32_t value) {
  return MakeFrame(Frame::kSettings, 0, 0, id == 0 ? "" : BigEndian(id, 2) + BigEndian(value, 4));
}

std::string Header(std::string_view name, std::string_view value) {
  return std::string(1, '\0') + HpackText(name) + HpackText(value);
}

std::string CallHeaders(std::uint32_t stream, std::string_view path) {
  const std::string block = Header(":method", "POST") + Header(":scheme", "http") +
                            Header(":path", path) + Header(":authority", "test") +
                            Header("te", "trailers") + Header("content-type", "application/grpc");
  return MakeFrame(Frame::kHeaders, kEndHeaders, stream, block);
}

std::string MessageFrame(std::uint32_t stream, std::string_view message, bool last) {
  return MakeFrame(Frame::kData, last ? kEndStream : std::uint8_t{0}, stream,
                   std::string(1, '\0') + BigEndian(message.size(), 4) + std::string(message));
}

std::string Reset(std::uint32_t stream) {
  constexpr std::uint32_t kCancel = 8;
  return MakeFrame(Frame::kReset, 0, stream, BigEndian(kCancel, 4));
}

RawClient::RawClient(const std::string& address, std::uint32_t host)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // As every gRPC client: else a call waits until the one before is acknowledged.
  const int at_once = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_addr.s_addr = htonl(0x7F000000U + host);
  const int on = 1;
  // Else each of ten thousand would take a port of its own from all connections of this machine.
  setsockopt(socket_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
  bool ok = bind(socket_.get(), reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0;
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  peer.sin_port = htons(static_cast<in_port_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  ok = ok && connect(socket_.get(), reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0;
  if (!ok) {
    socket_ = FileDescriptor();
    closed_ = true;
    return;
  }
  fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
}

std::size_t RawClient::SendSome(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t now = send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) {
      closed_ = closed_ || errno != EAGAIN;
      break;
    }
    sent += static_cast<std::size_t>(now);
  }
  return sent;
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd watched{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
    if (poll(&watched, 1, kPatienceMs) != 1) {
      return false;
    }
    bytes.remove_prefix(SendSome(bytes));
    if (closed_) {
      return false;
    }
  }
  return true;
}

std::string RawClient::Receive() {
  std::string all;
  std::array<char, 65'536> buffer{};
  while (!closed_) {
    const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      all.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EAGAIN) {
      closed_ = true;
    } else {
      break;
    }
  }
  return all;
}

bool RawClient::IsClosedWithin(std::chrono::milliseconds time) {
  const auto give_up = std::chrono::steady_clock::now() + time;
  while (true) {
    Receive();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        give_up - std::chrono::steady_clock::now());
    if (closed_ || left.count() <= 0) {
      return closed_;
    }
    pollfd watched{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    poll(&watched, 1, static_cast<int>(left.count()));
  }
}

}  // namespace kulanz::e2e
