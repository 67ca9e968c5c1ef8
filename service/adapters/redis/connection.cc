// How a connection comes to be, becomes ready, and ends. connection_calls.cc has what it does meanwhile.
#include "service/adapters/redis/connection.h"

#include <hiredis/async.h>
#include <hiredis/hiredis_ssl.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <utility>

#include "service/adapters/redis/connection_hooks.h"
#include "service/adapters/redis/failures.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"
#include "service/adapters/redis/router.h"
#include "service/adapters/redis/tls.h"
#include "service/base/check.h"
#include "service/base/steady_now.h"

namespace kulanz::redis {
namespace {}  // namespace

Connection::Connection(StoreState& state, Router& router, std::uint32_t number)
    : state_(state),
      options_(state.options()),
      router_(router),
      down_why_(Unreachable("no server is known for this connection")),
      next_attempt_(SteadyNow()),
      jitter_(std::random_device{}()),
      loop_("redis-" + std::to_string(number)) {}

Connection::~Connection() { loop_.Stop(); }

void Connection::Stop() {
  std::promise<void> closed;
  loop_.Post([this, &closed] {
    if (phase_ != Phase::kStopped) {
      phase_ = Phase::kStopped;
      Abort(Unreachable("the store is shutting down"));
      FailLost();
      for (Call* call : std::exchange(parked_, {})) {
        call->Fail(DownStatus());
        Resume(*call);
      }
    }
    closed.set_value();
  });
  closed.get_future().wait();
}

Status Connection::Health() const {
  if (state_.halted()) {
    return state_.HaltStatus();
  }
  return IsReady() ? Status::Ok() : DownStatus();
}

Status Connection::DownStatus() const {
  const std::lock_guard lock(down_mutex_);
  const auto pause = std::chrono::ceil<Duration>(next_attempt_ - SteadyNow());
  return down_why_.WithRetryAfter(std::max(pause, options_.backoff_min));
}

void Connection::SetTarget(std::optional<RedisAddress> target, Status why) {
  loop_.Post([this, target = std::move(target), why = std::move(why)]() mutable {
    if (target == target_ || phase_ == Phase::kStopped) {
      return;
    }
    target_ = std::move(target);
    failed_attempts_ = 0;
    connects_at_once_ = true;
    if (phase_ != Phase::kIdle) {
      phase_ = Phase::kConnecting;  // not retiring any more: `why` is the reason now
      Abort(why);
    } else {
      SetDown(why);
      if (!is_closing_) {
        ConnectAt(SteadyNow());
      }
    }
  });
}

void Connection::ConnectAt(Deadline at) {
  if (connect_timer_) {
    loop_.Cancel(*connect_timer_);
  }
  connect_timer_ = loop_.RunAt(at, [this] {
    connect_timer_.reset();
    Connect();
  });
}

void Connection::Connect() {
  if (phase_ != Phase::kIdle || is_closing_ || !target_) {
    return;
  }
  phase_ = Phase::kConnecting;
  connects_at_once_ = false;
  redisOptions options{};
  if (target_->unix_path.empty()) {
    REDIS_OPTIONS_SET_TCP(&options, target_->host.c_str(), target_->port);
  } else {
    REDIS_OPTIONS_SET_UNIX(&options, target_->unix_path.c_str());
  }
  context_ = redisAsyncConnectWithOptions(&options);
  KULANZ_CHECK(context_ != nullptr, "out of memory");
  if (context_->err != 0) {
    return Abort(Unreachable("cannot connect to " + target_->ToString() + ": " + context_->errstr));
  }
  if (Status refused = SetUpSession(); !refused.ok()) {
    return Abort(refused);
  }
  context_->data = this;
  hooks_ = std::make_unique<Hooks>(loop_, *context_, [this] { Write(); });
  redisAsyncSetDisconnectCallback(context_, [](const redisAsyncContext* context, int) {
    auto* const self = static_cast<Connection*>(context->data);
    if (self->context_ == context) {  // otherwise Abort has seen to it
      self->context_ = nullptr;
      const std::string tls_failure =
          context->err != 0 && self->tls_ != nullptr ? TlsFailure(*self->tls_) : std::string();
      self->OnClosed(Unreachable(!tls_failure.empty() ? tls_failure
                                 : context->err == 0  ? std::string("Redis closed the connection")
                                                      : std::string(context->errstr)));
    }
  });
  redisAsyncSetConnectCallback(context_, [](const redisAsyncContext* context, int status) {
    auto* const self = static_cast<Connection*>(context->data);
    if (status == REDIS_OK) {
      self->OnConnected();
    } else if (self->context_ == context) {
      self->context_ = nullptr;  // hiredis frees it
      self->OnClosed(
          Unreachable("cannot connect to " + self->target_->ToString() + ": " + context->errstr));
    }
  });
  connect_by_ = SteadyNow() + options_.connect_timeout;
  WakeAt(connect_by_);
}

// What is read from files, so that a change of them counts from the next connection on.
Status Connection::SetUpSession() {
  tls_ = nullptr;
  KULANZ_ASSIGN_OR_RETURN(credentials_, ReadCredentials(*target_));
  if (!target_->tls) {
    return Status::Ok();
  }
  KULANZ_ASSIGN_OR_RETURN(TlsSession session, MakeTlsSession(*target_));
  // The handshake waits for the socket. On failure hiredis leaves the session to its caller.
  if (redisInitiateSSL(&context_->c, session.get()) != REDIS_OK) {
    // On a fast network the handshake has ended already, and the session knows better why.
    const std::string failure = TlsFailure(*session);
    return Unreachable("TLS cannot be started: " +
                       (failure.empty() ? std::string(context_->c.errstr) : failure));
  }
  tls_ = session.release();  // to hiredis
  return Status::Ok();
}

void Connection::OnConnected() {
  phase_ = Phase::kVerifying;
  floors_.resize(ports::kPartitionsMax);
  for (std::uint16_t number = 0; number < ports::kPartitionsMax; ++number) {
    floors_[number] = state_.SequenceFloor({number});
  }
  handshake_ = std::make_unique<Handshake>(
      options_, credentials_, router_.ScopeOf(*this),
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
    if (result->sequences[number]) {
      state_.ObserveSequence({number}, floors_[number], *result->sequences[number],
                             state_.answers_are_kept());
    }
  }
  state_.ObserveTime(result->time, result->time_received);
  for (const std::string& warning : result->warnings) {
    state_.log().Warning("store_durability_waived", warning);
  }
  state_.log().Info("store_connected", "connected to Redis",
                    {{"address", target_->ToString()},
                     {"redis_version", result->version},
                     {"store_id", result->genesis.store_id}});
  phase_ = Phase::kReady;
  failed_attempts_ = 0;
  ready_.store(true, std::memory_order_release);
  if (clock_timer_) {
    loop_.Cancel(*clock_timer_);
  }
  clock_timer_ = loop_.RunAfter(options_.clock_interval, [this] { OnClock(); });
  router_.HealthChanged();
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
  is_closing_ = true;
  loop_.Post([this] {
    is_closing_ = false;
    if (phase_ == Phase::kStopped) {
      return;  // Stop came in between; the router may be gone
    }
    Deadline next = SteadyNow();
    if (!std::exchange(connects_at_once_, false)) {
      Duration pause = options_.backoff_max;
      if (failed_attempts_ < 16) {
        pause = std::min(pause, options_.backoff_min * (1 << failed_attempts_));
      }
      ++failed_attempts_;
      // Half of it is left to chance, so that many instances do not come back at once.
      std::uniform_int_distribution<std::int64_t> chance(pause.count() / 2, pause.count());
      next += Duration(std::max<std::int64_t>(1, chance(jitter_)));
      router_.ServerLost();
    }
    {
      const std::lock_guard lock(down_mutex_);
      next_attempt_ = next;
    }
    FailLost();
    ConnectAt(next);
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
    state_.log().Warning("store_down", why.message(),
                         {{"address", (target_ ? *target_ : options_.address).ToString()},
                          {"reason", std::string(why.reason())}});
  }
  router_.HealthChanged();
}

void Connection::OnClock() {
  clock_timer_.reset();
  if (phase_ != Phase::kReady) {
    return;  // the next handshake starts it again
  }
  PresentNewPassword();
  SendOwn(RespCommand({"TIME"}), [this](const redisReply& reply) {
    if (const std::optional<Instant> time = DecodeTime(reply)) {
      state_.ObserveTime(*time, SteadyNow());
    }
  });
  clock_timer_ = loop_.RunAfter(options_.clock_interval, [this] { OnClock(); });
}

void Connection::PresentNewPassword() {
  if (target_->password_file.empty()) {
    return;
  }
  Result<Credentials> current = ReadCredentials(*target_);
  // A file that is just being replaced counts once it is there; the next connection needs it.
  if (!current.ok() || *current == credentials_) {
    return;
  }
  credentials_ = *std::move(current);
  if (const std::optional<std::string> auth = credentials_.AuthCommand()) {
    SendOwn(*auth, [this](const redisReply& reply) {
      // After a refusal the connection stays what it was. Redis' words may repeat what was sent.
      if (IsError(reply)) {
        state_.log().Warning("store_password_refused",
                             "Redis does not accept the new password of the password file",
                             {{"address", target_ ? target_->ToString() : ""}});
      } else {
        state_.log().Info("store_password_renewed", "logged in with the new password");
      }
    });
  }
}

}  // namespace kulanz::redis
