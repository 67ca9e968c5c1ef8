#include "tests/e2e/open_load.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "kulanz/v1/incident_service.pb.h"
#include "service/base/check.h"
#include "tests/e2e/api.h"

namespace kulanz::e2e {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kTick{1};

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string ReasonIn(std::string_view trailers) {
  const std::string_view code = LiteralIn(trailers, "grpc-status");
  if (code == "0") {
    return "OK";
  }
  for (const char* reason : {"SERVER_OVERLOADED", "CALLER_OVER_SHARE"}) {
    if (trailers.find(reason) != std::string_view::npos) {
      return reason;
    }
  }
  return std::string(code);
}

}  // namespace

int LoadResult::refused() const {
  int count = 0;
  for (const char* reason : {"SERVER_OVERLOADED", "CALLER_OVER_SHARE"}) {
    const auto found = by_reason.find(reason);
    count += found == by_reason.end() ? 0 : found->second;
  }
  return count;
}

int LoadResult::others() const {
  int count = 0;
  for (const auto& [reason, calls] : by_reason) {
    count += calls;
  }
  return count - ok() - refused();
}

LoadResult::Seconds LoadResult::all_served_from() const {
  constexpr Seconds kQuiet{0.5};
  Seconds from{0};
  for (const Seconds refusal : refusals) {
    if (refusal - from > kQuiet) {
      break;
    }
    from = refusal;
  }
  return from;
}

double Percentile(const std::vector<double>& sorted, double part) {
  return sorted.empty()
             ? 0
             : sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

OpenLoad::OpenLoad(const std::string& address, Crowd crowd) : crowd_(std::move(crowd)) {
  for (int i = 0; i < crowd_.connections; ++i) {
    connections_.push_back(std::make_unique<RawCalls>(address, crowd_.host,
                                                      "/kulanz.v1.IncidentService/ReportIncident"));
    KULANZ_CHECK(connections_.back()->is_connected(), "a test can connect");
  }
}

void OpenLoad::Start(Clock::time_point planned) {
  const std::uint64_t number = number_++;
  v1::ReportIncidentRequest request;
  *request.mutable_incident() =
      LateDelivery(crowd_.name + "-" + std::to_string(number),
                   "C-" + std::to_string(number % static_cast<std::uint64_t>(crowd_.customers)));
  const std::string message = request.SerializeAsString();
  RawCalls& connection = *connections_[number % connections_.size()];
  const auto now = Clock::now();
  begun_[number] = now;
  result_.late_ms.push_back(Milliseconds(now - planned));
  connection.Begin(number, message);
  connection.Send();
}

void OpenLoad::Ended(std::uint64_t number, std::string_view trailers) {
  const auto now = Clock::now();
  const std::string reason = ReasonIn(trailers);
  ++result_.by_reason[reason];
  if (reason == "OK") {
    result_.ok_ms.push_back(Milliseconds(now - begun_.at(number)));
  } else {
    result_.refused_ms.push_back(Milliseconds(now - begun_.at(number)));
    result_.refusals.emplace_back(now - start_);
    const bool has_hint = trailers.find("google.rpc.RetryInfo") != std::string_view::npos &&
                          !LiteralIn(trailers, "grpc-retry-pushback-ms").empty();
    result_.without_hint += has_hint ? 0 : 1;
  }
  begun_.erase(number);
}

void OpenLoad::Exchange(Clock::time_point until) {
  std::vector<pollfd> fds;
  for (const auto& connection : connections_) {
    const int output = connection->has_unsent() ? POLLOUT : 0;
    fds.push_back({connection->fd(), static_cast<short>(POLLIN | output), 0});
  }
  const auto left = std::max(Clock::duration(0), until - Clock::now());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
  ppoll(fds.data(), fds.size(), &timeout, nullptr);
  for (std::size_t i = 0; i < fds.size(); ++i) {
    if (fds[i].revents != 0) {
      connections_[i]->Receive(
          [this](std::uint64_t number, std::string_view trailers) { Ended(number, trailers); });
      connections_[i]->Send();
    }
  }
}

LoadResult OpenLoad::Run(double per_second, std::chrono::milliseconds duration) {
  start_ = Clock::now();
  const auto end = start_ + duration;
  const auto pause =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
  for (auto planned = start_; planned < end; planned += pause) {
    do {
      Exchange(planned);
    } while (Clock::now() < planned);
    Start(planned);
  }
  return Collect();
}

LoadResult OpenLoad::RunClosed(int in_flight, std::chrono::milliseconds duration) {
  constexpr std::chrono::milliseconds kPause{20};  // Who is refused does not come again at once.
  start_ = Clock::now();
  auto begin_from = start_;
  while (Clock::now() < start_ + duration) {
    while (Clock::now() >= begin_from && std::cmp_less(begun_.size(), in_flight)) {
      Start(Clock::now());
    }
    const std::size_t refused = result_.refusals.size();
    Exchange(Clock::now() + kTick);
    if (result_.refusals.size() != refused) {
      begin_from = Clock::now() + kPause;
    }
  }
  return Collect();
}

LoadResult OpenLoad::Collect() {
  const auto end = Clock::now();
  while (!begun_.empty()) {
    KULANZ_CHECK(Clock::now() < end + kPatience, "the server ends every call");
    Exchange(Clock::now() + kTick);
  }
  LoadResult result = std::exchange(result_, {});
  result.duration = end - start_;
  std::sort(result.ok_ms.begin(), result.ok_ms.end());
  std::sort(result.refused_ms.begin(), result.refused_ms.end());
  std::sort(result.late_ms.begin(), result.late_ms.end());
  return result;
}

}  // namespace kulanz::e2e
