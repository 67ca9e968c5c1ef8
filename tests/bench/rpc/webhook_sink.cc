#include "tests/bench/rpc/webhook_sink.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <string_view>

#include "service/base/check.h"

namespace kulanz::bench {
namespace {

// Of the first request in `bytes`, with its body; nothing while it is not whole.
std::size_t RequestSize(std::string_view bytes) {
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t end = bytes.find("\r\n\r\n");
  const std::size_t field = bytes.find(kLength);
  if (end == std::string_view::npos || field > end) {
    return 0;
  }
  std::size_t length = 0;
  const char* const digits = bytes.data() + field + kLength.size();
  std::from_chars(digits, bytes.data() + end, length);
  const std::size_t size = end + 4 + length;
  return bytes.size() < size ? 0 : size;
}

}  // namespace

WebhookSink::WebhookSink() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  KULANZ_CHECK(bind(listener_, any, size) == 0 && listen(listener_, 64) == 0 &&
                   getsockname(listener_, any, &size) == 0,
               "a port of loopback");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

WebhookSink::~WebhookSink() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (const int connection : connections_) {
    shutdown(connection, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
  for (const int connection : connections_) {
    close(connection);
  }
}

void WebhookSink::WaitFor(std::uint64_t events) const {
  std::uint64_t seen = received_;
  auto moved = std::chrono::steady_clock::now();
  while (seen < events && std::chrono::steady_clock::now() - moved < std::chrono::seconds(10)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (const std::uint64_t now = received_; now != seen) {
      seen = now;
      moved = std::chrono::steady_clock::now();
    }
  }
}

void WebhookSink::Accept() {
  while (true) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      return;
    }
    const std::lock_guard lock(mutex_);
    connections_.push_back(connection);
    threads_.emplace_back([this, connection] { Serve(connection); });
  }
}

void WebhookSink::Serve(int connection) {
  constexpr std::string_view kAnswer = "HTTP/1.1 204 No Content\r\n\r\n";
  std::string bytes;
  char buffer[8192];
  ssize_t got = 0;
  while ((got = recv(connection, buffer, sizeof(buffer), 0)) > 0) {
    bytes.append(buffer, static_cast<std::size_t>(got));
    while (const std::size_t size = RequestSize(bytes)) {
      bytes.erase(0, size);
      ++received_;
      send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    }
  }
}

}  // namespace kulanz::bench
