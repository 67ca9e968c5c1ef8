#include "tests/e2e/open_load.h"

#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "service/base/check.h"
#include "tests/e2e/api.h"
#include "tests/e2e/raw_client.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

int LoadResult::ok() const { return static_cast<int>(ok_ms.size()); }

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

double LoadResult::percentile_ms(double part) const {
  return ok_ms.empty()
             ? 0
             : ok_ms[static_cast<std::size_t>(part * static_cast<double>(ok_ms.size() - 1))];
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

struct OpenLoad::Call {
  grpc::ClientContext context;
  v1::ReportIncidentRequest request;
  v1::ReportIncidentResponse response;
  Clock::time_point planned;
};

OpenLoad::OpenLoad(std::string name, std::vector<std::shared_ptr<grpc::Channel>> channels,
                   int customers)
    : name_(std::move(name)), customers_(customers) {
  for (auto& channel : channels) {
    stubs_.push_back(v1::IncidentService::NewStub(channel));
  }
}

void OpenLoad::Start(Clock::time_point planned) {
  const std::uint64_t number = number_++;
  auto call = std::make_shared<Call>();
  call->planned = planned;
  call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  *call->request.mutable_incident() =
      LateDelivery(name_ + "-" + std::to_string(number),
                   "C-" + std::to_string(number % static_cast<std::uint64_t>(customers_)));
  ++under_way_;
  auto& stub = *stubs_[number % stubs_.size()];
  stub.async()->ReportIncident(&call->context, &call->request, &call->response,
                               [this, call](const grpc::Status& status) { Ended(*call, status); });
}

void OpenLoad::Ended(const Call& call, const grpc::Status& status) {
  const std::chrono::duration<double, std::milli> latency = Clock::now() - call.planned;
  const std::string reason =
      status.ok()
          ? "OK"
          : (ReasonOf(status).empty() ? std::to_string(status.error_code()) : ReasonOf(status));
  {
    const std::lock_guard lock(mutex_);
    ++result_.by_reason[reason];
    if (status.ok()) {
      result_.ok_ms.push_back(latency.count());
    } else {
      result_.refusals.emplace_back(Clock::now() - start_);
      result_.without_hint += HasRetryInfo(status) ? 0 : 1;
    }
  }
  refused_ += status.ok() ? 0 : 1;
  --under_way_;
}

Clock::time_point OpenLoad::Begin() {
  const std::lock_guard lock(mutex_);
  start_ = Clock::now();
  return start_;
}

LoadResult OpenLoad::Run(double per_second, std::chrono::milliseconds duration) {
  const auto start = Begin();
  const auto pause =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
  for (auto planned = start; planned < start + duration; planned += pause) {
    while (Clock::now() < planned) {
      poll(nullptr, 0, 1);
    }
    Start(Clock::now());
  }
  return Collect(start);
}

LoadResult OpenLoad::RunClosed(int in_flight, std::chrono::milliseconds duration) {
  constexpr int kPauseMs = 20;  // Who is refused does not come again at once.
  const auto start = Begin();
  int refused = 0;
  while (Clock::now() < start + duration) {
    if (refused_ > refused) {
      refused = refused_;
      poll(nullptr, 0, kPauseMs);
    } else if (under_way_ < in_flight) {
      Start(Clock::now());
    } else {
      poll(nullptr, 0, 1);
    }
  }
  return Collect(start);
}

LoadResult OpenLoad::Collect(Clock::time_point start) {
  const LoadResult::Seconds duration = Clock::now() - start;
  KULANZ_CHECK(
      kulanz::testing::Eventually([this] { return under_way_ == 0; }, std::chrono::seconds(60)),
      "every call has a deadline");
  const std::lock_guard lock(mutex_);
  LoadResult result = std::exchange(result_, {});
  result.duration = duration;
  std::sort(result.ok_ms.begin(), result.ok_ms.end());
  return result;
}

std::shared_ptr<grpc::Channel> ChannelFrom(const std::string& address, std::uint32_t host) {
  RawClient client(address, host);
  KULANZ_CHECK(client.is_connected(), "a test can connect");
  return grpc::CreateInsecureChannelFromFd(address, client.Release());
}

}  // namespace kulanz::e2e
