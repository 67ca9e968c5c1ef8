#include "service/kulanz/server/metrics_page.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

namespace kulanz::command {
namespace {

// `{a="x",b="y"}` behind a name; moves `line` behind it.
std::map<std::string, std::string> ReadLabels(std::string_view& line) {
  std::map<std::string, std::string> labels;
  line.remove_prefix(1);
  while (!line.empty() && line.front() != '}') {
    const std::size_t equals = line.find("=\"");
    if (equals == std::string_view::npos) {
      break;
    }
    const std::string name(line.substr(0, equals));
    line.remove_prefix(equals + 2);
    std::string value;
    while (!line.empty() && line.front() != '"') {
      if (line.front() == '\\' && line.size() > 1) {
        line.remove_prefix(1);
      }
      value += line.front();
      line.remove_prefix(1);
    }
    line.remove_prefix(std::min<std::size_t>(line.size(), 1));
    labels[name] = value;
    if (line.starts_with(',')) {
      line.remove_prefix(1);
    }
  }
  line.remove_prefix(std::min<std::size_t>(line.size(), 1));
  return labels;
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { ::close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::unique_ptr<Socket> Dial(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    return nullptr;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    auto socket = std::make_unique<Socket>(
        ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol));
    const timeval patience{2, 0};
    ::setsockopt(socket->fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (socket->fd() >= 0 && ::connect(socket->fd(), address->ai_addr, address->ai_addrlen) == 0) {
      return socket;
    }
  }
  return nullptr;
}

}  // namespace

std::vector<Sample> ParseMetrics(std::string_view text) {
  std::vector<Sample> samples;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::size_t name_end = line.find_first_of("{ ");
    if (name_end == std::string_view::npos) {
      continue;
    }
    Sample sample;
    sample.name = line.substr(0, name_end);
    line.remove_prefix(name_end);
    if (line.front() == '{') {
      sample.labels = ReadLabels(line);
    }
    sample.value = std::strtod(std::string(line).c_str(), nullptr);
    samples.push_back(std::move(sample));
  }
  return samples;
}

Result<std::vector<Sample>> FetchMetrics(const std::string& address) {
  const Status failure(Code::kUnavailable, "NO_METRICS",
                       "no metrics page at http://" + address + "/metrics");
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return failure;
  }
  const std::string host = address.substr(0, colon);
  const std::unique_ptr<Socket> socket = Dial(host, address.substr(colon + 1));
  if (socket == nullptr) {
    return failure;
  }
  const std::string request =
      "GET /metrics HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  if (::send(socket->fd(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return failure;
  }
  std::string page;
  std::array<char, 16 * 1024> chunk{};
  for (ssize_t got = 0; (got = ::recv(socket->fd(), chunk.data(), chunk.size(), 0)) > 0;) {
    page.append(chunk.data(), static_cast<std::size_t>(got));
  }
  const std::size_t body = page.find("\r\n\r\n");
  if (!page.starts_with("HTTP/1.1 200") || body == std::string::npos) {
    return failure;
  }
  return ParseMetrics(std::string_view(page).substr(body + 4));
}

std::vector<std::pair<std::string, double>> SumBy(
    const std::vector<Sample>& samples, std::string_view name,
    const std::function<std::string(const std::map<std::string, std::string>&)>& key_of) {
  std::map<std::string, double> sums;
  for (const Sample& sample : samples) {
    if (sample.name == name) {
      sums[key_of(sample.labels)] += sample.value;
    }
  }
  std::vector<std::pair<std::string, double>> sorted(sums.begin(), sums.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

}  // namespace kulanz::command
