// OpenLoad: reports at a rate that does not care how they are answered, as a crowd of clients would send them.
//
// Thread-safety: one thread calls; what it counts is complete when Run() returns.
#pragma once

#include <grpcpp/channel.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kulanz/v1/incident_service.grpc.pb.h"

namespace kulanz::e2e {

struct LoadResult {
  using Seconds = std::chrono::duration<double>;
  std::map<std::string, int>
      by_reason;              // "OK", "SERVER_OVERLOADED", ...; without one: the code's number
  int without_hint = 0;       // refused, and not told when to come again
  std::vector<double> ok_ms;  // of each that was served, sorted
  Seconds duration{0};
  std::vector<Seconds> refusals;  // when, from the start

  int ok() const;
  int refused() const;  // SERVER_OVERLOADED, CALLER_OVER_SHARE
  int others() const;   // neither
  double ok_part() const { return static_cast<double>(ok()) / std::max(ok() + refused(), 1); }
  double ok_per_second() const { return ok() / duration.count(); }
  double percentile_ms(double part) const;
  // From when on, for half a second, nobody was refused.
  Seconds all_served_from() const;
};

class OpenLoad {
 public:
  // Ids begin with `name`; customers "C-0" to "C-<customers - 1>" exist.
  OpenLoad(std::string name, std::vector<std::shared_ptr<grpc::Channel>> channels, int customers);

  // So many a second for so long; waits for all answers.
  LoadResult Run(double per_second, std::chrono::milliseconds duration);
  // As many as are answered, with so many under way.
  LoadResult RunClosed(int in_flight, std::chrono::milliseconds duration);

 private:
  struct Call;
  std::chrono::steady_clock::time_point Begin();
  void Start(std::chrono::steady_clock::time_point planned);
  void Ended(const Call& call, const grpc::Status& status);
  LoadResult Collect(std::chrono::steady_clock::time_point start);

  const std::string name_;
  const int customers_;
  std::vector<std::unique_ptr<v1::IncidentService::Stub>> stubs_;
  std::uint64_t number_ = 0;
  std::atomic<int> under_way_{0};
  std::atomic<int> refused_{0};
  std::mutex mutex_;
  std::chrono::steady_clock::time_point start_{};  // under mutex_
  LoadResult result_;                              // under mutex_
};

// A connection from 127.0.0.<host>: to the server another caller than this program's other connections.
std::shared_ptr<grpc::Channel> ChannelFrom(const std::string& address, std::uint32_t host);

}  // namespace kulanz::e2e
