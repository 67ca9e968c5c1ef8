#include "service/kulanzd/store_initialiser.h"

#include <chrono>
#include <string>
#include <utility>

namespace kulanz::server {
namespace {

// Redis comes up in its own time; who looks this often loses nothing by it.
constexpr std::chrono::milliseconds kPause{500};

}  // namespace

StoreInitialiser::StoreInitialiser(redis::InitialiseOptions options, ports::Log& log)
    : options_(std::move(options)), log_(log) {}

StoreInitialiser::~StoreInitialiser() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

Status StoreInitialiser::Attempt() {
  KULANZ_RETURN_IF_ERROR(redis::Initialise(options_));
  log_.Info("store_initialised", "the database is this store, or became it now",
            {{"address", options_.address.ToString()}, {"store_id", options_.genesis.store_id}});
  return Status::Ok();
}

Status StoreInitialiser::Begin() {
  const Status attempt = Attempt();
  if (attempt.code() != Code::kUnavailable) {
    return attempt;
  }
  log_.Warning("store_awaited", "the database is made the store once it can be reached",
               {{"reason", std::string(attempt.reason())}, {"why", attempt.message()}});
  thread_ = std::thread([this] { GoOn(); });
  return Status::Ok();
}

void StoreInitialiser::GoOn() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (stopping_.wait_for(lock, kPause, [this] { return stopped_; })) {
        return;
      }
    }
    const Status attempt = Attempt();
    if (attempt.code() == Code::kUnavailable) {
      continue;
    }
    if (!attempt.ok()) {
      log_.Error("store_not_initialised", attempt.message(),
                 {{"reason", std::string(attempt.reason())}});
    }
    return;
  }
}

}  // namespace kulanz::server
