// How a connection comes to be, becomes ready, and ends. connection_calls.cc has what it does meanwhile.
#include "service/adapters/redis/connection.h"

#include <hiredis/async.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <utility>

#include "service/adapters/redis/connection_hooks.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"
#include "service/base/check.h"

namespace kulanz::redis {
namespace {

Deadline SteadyNow() { return std::chrono::steady_clock::now(); }

}  // namespace

Connection::Connection(StoreState& state, std::uint32_t number, std::function<void()> on_change)
    : state_(state),
      options_(state.options()),
      on_change_(std::move(on_change)),
      down_why_(Unreachable("Redis has not been reached yet")),
      next_attempt_(SteadyNow()),
      jitter_(std::random_device{}()),
      loop_("redis-" + std::to_string(number)) {
  loop_.Post([this] { Connect(); });
}

Connection::~Connection() {
  std::promise<void> closed;
  loop_.Post([this, &closed] {
    phase_ = Phase::kStopped;
    Abort(Unreachable("the store is shutting down"));
    FailLost();
    closed.set_value();
  });
  closed.get_future().wait();
  loop_.Stop();
}

Status Connection::Health() const {
  if (state_.halted()) {
    return state_.HaltStatus();
  }
  return ready_.load(std::memory_order_acquire) ? Status::Ok() : DownStatus();
}

Status Connection::DownStatus() const {
  const std::lock_guard lock(down_mutex_);
  const auto pause = std::chrono::ceil<Duration>(next_attempt_ - SteadyNow());
  return down_why_.WithRetryAfter(std::max(pause, options_.backoff_min));
}

void Connection::Connect() {
  if (phase_ != Phase::kIdle) {
    return;
  }
  phase_ = Phase::kConnecting;
  const RedisAddress& address = options_.address;
  redisOptions options{};
  if (address.unix_path.empty()) {
    REDIS_OPTIONS_SET_TCP(&options, address.host.c_str(), address.port);
  } else {
    REDIS_OPTIONS_SET_UNIX(&options, address.unix_path.c_str());
  }
  context_ = redisAsyncConnectWithOptions(&options);
  KULANZ_CHECK(context_ != nullptr, "out of memory");
  if (context_->err != 0) {
    return Abort(Unreachable("cannot connect to " + address.ToString() + ": " + context_->errstr));
  }
  context_->data = this;
  hooks_ = std::make_unique<Hooks>(loop_, *context_, [this] { Write(); });
  redisAsyncSetDisconnectCallback(context_, [](const redisAsyncContext* context, int) {
    auto* const self = static_cast<Connection*>(context->data);
    if (self->context_ == context) {  // otherwise Abort has seen to it
      self->context_ = nullptr;
      self->OnClosed(Unreachable(context->err == 0 ? std::string("Redis closed the connection")
                                                   : std::string(context->errstr)));
    }
  });
  redisAsyncSetConnectCallback(context_, [](const redisAsyncContext* context, int status) {
    auto* const self = static_cast<Connection*>(context->data);
    if (status == REDIS_OK) {
      self->OnConnected();
    } else if (self->context_ == context) {
      self->context_ = nullptr;  // hiredis frees it
      self->OnClosed(Unreachable("cannot connect to " + self->options_.address.ToString() + ": " +
                                 context->errstr));
    }
  });
  connect_by_ = SteadyNow() + options_.connect_timeout;
  WakeAt(connect_by_);
}

void Connection::OnConnected() {
  phase_ = Phase::kVerifying;
  floors_.resize(ports::kPartitionsMax);
  for (std::uint16_t number = 0; number < ports::kPartitionsMax; ++number) {
    floors_[number] = state_.SequenceFloor({number});
  }
  handshake_ = std::make_unique<Handshake>(
      options_,
      [this](const std::string& command, Handshake::ReplyHandler on_reply) {
        SendOwn(command, std::move(on_reply));
      },
      [this](Result<VerifiedServer> result) { OnVerified(std::move(result)); });
  handshake_->Start();
}

void Connection::OnVerified(Result<VerifiedServer> result) {
  if (!result.ok()) {
    return Abort(result.status());
  }
  if (Status other_store = state_.AdoptGenesis(result->genesis); !other_store.ok()) {
    return Abort(other_store);
  }
  const auto partitions = static_cast<std::uint16_t>(result->genesis.partition_count);
  for (std::uint16_t number = 0; number < partitions; ++number) {
    state_.ObserveSequence({number}, floors_[number], result->sequences[number]);
  }
  state_.ObserveTime(result->time, result->time_received);
  for (const std::string& warning : result->warnings) {
    state_.log().Warning("store_durability_waived", warning);
  }
  state_.log().Info("store_connected", "connected to Redis",
                    {{"address", options_.address.ToString()},
                     {"redis_version", result->version},
                     {"store_id", result->genesis.store_id}});
  phase_ = Phase::kReady;
  failed_attempts_ = 0;
  ready_.store(true, std::memory_order_release);
  if (clock_timer_) {
    loop_.Cancel(*clock_timer_);
  }
  clock_timer_ = loop_.RunAfter(options_.clock_interval, [this] { ReadClock(); });
  on_change_();
}

void Connection::Retire(const Status& why) {
  if (phase_ != Phase::kReady) {
    return;
  }
  phase_ = Phase::kRetiring;
  SetDown(why);
  redisAsyncDisconnect(context_);  // once the outstanding answers are in
}

void Connection::Abort(const Status& why) {
  if (context_ != nullptr) {
    // Inside a callback of its own, hiredis frees it only after the callback.
    redisAsyncFree(std::exchange(context_, nullptr));
  }
  OnClosed(why);
}

void Connection::OnClosed(const Status& why) {
  if (phase_ == Phase::kStopped) {
    return SetDown(why);
  }
  if (phase_ == Phase::kRetiring) {
    phase_ = Phase::kIdle;  // the reason was given then
  } else {
    phase_ = Phase::kIdle;
    SetDown(why);
  }
  // What hiredis still does with the closed context, it does before the loop turns.
  loop_.Post([this] {
    Duration pause = options_.backoff_max;
    if (failed_attempts_ < 16) {
      pause = std::min(pause, options_.backoff_min * (1 << failed_attempts_));
    }
    ++failed_attempts_;
    // Half of it is left to chance, so that many instances do not come back at once.
    std::uniform_int_distribution<std::int64_t> chance(pause.count() / 2, pause.count());
    const Deadline next = SteadyNow() + Duration(std::max<std::int64_t>(1, chance(jitter_)));
    {
      const std::lock_guard lock(down_mutex_);
      next_attempt_ = next;
    }
    FailLost();
    loop_.RunAt(next, [this] { Connect(); });
  });
}

void Connection::SetDown(const Status& why) {
  ready_.store(false, std::memory_order_release);
  bool is_news = false;
  {
    const std::lock_guard lock(down_mutex_);
    is_news = down_why_.message() != why.message();
    down_why_ = why;
    next_attempt_ = SteadyNow();
  }
  if (is_news) {
    state_.log().Warning(
        "store_down", why.message(),
        {{"address", options_.address.ToString()}, {"reason", std::string(why.reason())}});
  }
  on_change_();
}

void Connection::ReadClock() {
  clock_timer_.reset();
  if (phase_ != Phase::kReady) {
    return;  // the next handshake starts it again
  }
  SendOwn(RespCommand({"TIME"}), [this](const redisReply& reply) {
    if (const std::optional<Instant> time = DecodeTime(reply)) {
      state_.ObserveTime(*time, SteadyNow());
    }
  });
  clock_timer_ = loop_.RunAfter(options_.clock_interval, [this] { ReadClock(); });
}

}  // namespace kulanz::redis
