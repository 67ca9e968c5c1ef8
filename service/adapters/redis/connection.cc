#include "service/adapters/redis/connection.h"

#include <hiredis/async.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <utility>

#include "service/adapters/redis/connection_hooks.h"
#include "service/adapters/redis/reply_codec.h"
#include "service/adapters/redis/resp_writer.h"
#include "service/adapters/redis/scripts.h"
#include "service/base/check.h"

namespace kulanz::redis {
namespace {

// A script that is gone again right after it was loaded, twice, is not a restart but a defect.
constexpr int kScriptAttemptsMax = 3;
constexpr Duration kOverloadRetryAfter{50};
// How long an overdue answer is waited for while other answers are still coming in.
constexpr Duration kArrivingGrace{20};

Deadline SteadyNow() { return std::chrono::steady_clock::now(); }

Status Unreachable(std::string message) {
  return Status(Code::kUnavailable, "STORE_UNREACHABLE", std::move(message));
}

Status Uncertain(std::string message) {
  return Status(Code::kUnavailable, "STORE_UNCERTAIN",
                std::move(message) + "; it may have been applied: repeat the identical request");
}

// The server cannot be used as it is now: to be verified anew before anything else is sent to it.
bool NeedsNewHandshake(const Status& failure) {
  return failure.reason() == "STORE_READ_ONLY" || failure.reason() == "STORE_LOADING" ||
         failure.reason() == "NO_GENESIS";
}

}  // namespace

void Call::Run() {
  if (!connection_->Start(*this)) {
    waiter.resume();
  }
}

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

// ---- Calls --------------------------------------------------------------------------------------

bool Connection::Submit(Call& call) {
  if (!ready_.load(std::memory_order_acquire) || state_.halted()) {
    call.Fail(Health());
    return false;
  }
  if (SteadyNow() >= call.deadline) {
    call.Fail(Unreachable("the deadline had passed already; nothing was sent"));
    return false;
  }
  if (calls_.fetch_add(1, std::memory_order_relaxed) >= options_.calls_max) {
    calls_.fetch_sub(1, std::memory_order_relaxed);
    call.Fail(Status(Code::kResourceExhausted, "STORE_OVERLOADED",
                     "calls_max of " + std::to_string(options_.calls_max) +
                         " calls to Redis are under way; nothing was sent")
                  .WithRetryAfter(kOverloadRetryAfter));
    return false;
  }
  call.connection_ = this;
  if (loop_.IsCurrent()) {
    return Start(call);
  }
  loop_.Post(call);
  return true;
}

bool Connection::Start(Call& call) {
  const Deadline now = SteadyNow();
  if (phase_ == Phase::kReady && now < call.deadline) {
    has_unwaited_writes_ = has_unwaited_writes_ || call.writes;
    Append({&call, {}, now + options_.reply_timeout, 0}, call.bytes);
    WakeAt(std::min(call.deadline, now + options_.reply_timeout));
    return true;
  }
  calls_.fetch_sub(1, std::memory_order_relaxed);
  call.Fail(phase_ == Phase::kReady ? Unreachable("the deadline passed before it was sent")
                                    : DownStatus());
  return false;
}

void Connection::Resume(Call& call) {
  calls_.fetch_sub(1, std::memory_order_relaxed);
  call.waiter.resume();
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

// ---- Connecting ---------------------------------------------------------------------------------

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

void Connection::FailLost() {
  std::vector<std::pair<Call*, bool>> lost;  // and whether it was sent
  for (Call* call : std::exchange(written_, {})) {
    lost.emplace_back(call, true);
  }
  const std::size_t sent = slots_.size() - std::exchange(unsent_, 0);
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    if (slots_[index].call != nullptr) {
      lost.emplace_back(slots_[index].call, index < sent);
    }
  }
  slots_.clear();
  has_unwaited_writes_ = false;
  for (const auto& [call, was_sent] : lost) {
    call->Fail(was_sent ? Uncertain("the connection to Redis was lost before the answer")
                        : DownStatus());
    Resume(*call);
  }
}

// ---- Sending and receiving ----------------------------------------------------------------------

void Connection::Append(Slot slot, const std::string& bytes) {
  slot.scripts_loaded = scripts_loaded_;
  slots_.push_back(std::move(slot));
  ++unsent_;
  const int result = redisAsyncFormattedCommand(
      context_,
      [](redisAsyncContext* context, void* reply, void*) {
        if (reply != nullptr) {  // otherwise the connection is closing: FailLost
          static_cast<Connection*>(context->data)->OnReply(*static_cast<redisReply*>(reply));
        }
      },
      nullptr, bytes.data(), bytes.size());
  KULANZ_CHECK(result == REDIS_OK, "only an open connection is appended to");
}

void Connection::SendOwn(const std::string& bytes, Handshake::ReplyHandler on_reply) {
  if (phase_ != Phase::kReady && phase_ != Phase::kVerifying) {
    return;
  }
  const Deadline reply_by = SteadyNow() + options_.reply_timeout;
  Append({nullptr, std::move(on_reply), reply_by, 0}, bytes);
  WakeAt(reply_by);
}

void Connection::Write() {
  if (context_ == nullptr) {
    return;
  }
  if (options_.replicas_to_wait > 0 && phase_ == Phase::kReady &&
      std::exchange(has_unwaited_writes_, false)) {
    SendOwn(RespCommand({"WAIT", std::to_string(options_.replicas_to_wait),
                         std::to_string(options_.wait_timeout.count())}),
            [this](const redisReply& reply) { OnReplicas(reply); });
  }
  unsent_ = 0;
  redisAsyncHandleWrite(context_);
}

void Connection::OnReply(const redisReply& reply) {
  if (context_ == nullptr || slots_.empty()) {
    return;  // closing
  }
  const Slot slot = std::move(slots_.front());
  slots_.pop_front();
  if (slot.call != nullptr) {
    OnCallReply(*slot.call, slot.scripts_loaded, reply);
  } else if (slot.on_reply) {
    slot.on_reply(reply);
  }
}

void Connection::OnCallReply(Call& call, std::uint64_t scripts_loaded, const redisReply& reply) {
  if (IsError(reply) && IsNoScript(TextOf(reply))) {
    return SendAgainWithScripts(call, scripts_loaded);
  }
  const Status failure = call.OnReply(reply);
  if (NeedsNewHandshake(failure)) {
    Retire(failure);
  }
  if (failure.ok() && call.writes && options_.replicas_to_wait > 0) {
    written_.push_back(&call);
  } else {
    Resume(call);
  }
}

void Connection::SendAgainWithScripts(Call& call, std::uint64_t scripts_loaded) {
  const bool gives_up = ++call.attempts_ >= kScriptAttemptsMax;
  if (gives_up || phase_ != Phase::kReady || SteadyNow() >= call.deadline) {
    call.Fail(gives_up ? Status(Code::kInternal, "STORE_BROKEN", "Redis keeps losing its scripts")
                       : Unreachable("Redis had lost its scripts; nothing was applied"));
    return Resume(call);
  }
  // The first of a batch that finds them gone loads them; the others only follow.
  if (scripts_loaded == scripts_loaded_) {
    for (const Script* script : {&kTransactionScript, &kIndexScript}) {
      SendOwn(RespCommand({"SCRIPT", "LOAD", script->text}), {});
    }
    ++scripts_loaded_;
  }
  has_unwaited_writes_ = has_unwaited_writes_ || call.writes;
  Append({&call, {}, SteadyNow() + options_.reply_timeout, 0}, call.bytes);
}

void Connection::OnReplicas(const redisReply& reply) {
  const bool enough =
      reply.type == REDIS_REPLY_INTEGER && reply.integer >= std::int64_t{options_.replicas_to_wait};
  for (Call* call : std::exchange(written_, {})) {
    if (!enough) {
      call->Fail(Uncertain("only " + std::to_string(reply.integer) + " of " +
                           std::to_string(options_.replicas_to_wait) +
                           " replicas confirmed it in time"));
    }
    Resume(*call);
  }
}

// ---- Time ---------------------------------------------------------------------------------------

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

void Connection::WakeAt(Deadline at) {
  if (timer_ && timer_->due <= at) {
    return;
  }
  if (timer_) {
    loop_.Cancel(*timer_);
  }
  timer_ = loop_.RunAt(at, [this] {
    timer_.reset();
    OnTimer();
  });
}

void Connection::OnTimer() {
  const Deadline now = SteadyNow();
  if (phase_ == Phase::kConnecting) {
    if (now < connect_by_) {
      return WakeAt(connect_by_);  // this wake-up was for the connection before
    }
    return Abort(Unreachable("no connection to " + options_.address.ToString() + " in time"));
  }
  if (!slots_.empty() && slots_.front().reply_by <= now) {
    // After a pause of this process itself the answers may be here, only unread.
    if (!AnswersAreArriving()) {
      return Abort(Unreachable("Redis does not answer"));
    }
    WakeAt(now + kArrivingGrace);
  }
  ExpireCalls(now);
}

void Connection::ExpireCalls(Deadline now) {
  std::vector<Call*> expired;
  std::optional<Deadline> next;
  const auto look_at = [&](Call& call) {
    if (call.deadline <= now) {
      expired.push_back(&call);
      return true;
    }
    next = std::min(next.value_or(call.deadline), call.deadline);
    return false;
  };
  for (Slot& slot : slots_) {
    if (slot.call != nullptr && look_at(*slot.call)) {
      slot.call = nullptr;  // its answer will come, and nobody will look at it
    }
  }
  std::erase_if(written_, [&](Call* call) { return look_at(*call); });
  if (next) {
    WakeAt(*next);
  }
  if (!slots_.empty() && slots_.front().reply_by > now) {
    WakeAt(slots_.front().reply_by);
  }
  for (Call* call : expired) {
    call->Fail(Uncertain("Redis did not answer before the deadline"));
    Resume(*call);
  }
}

bool Connection::AnswersAreArriving() const {
  int bytes = 0;
  return context_ != nullptr && ioctl(context_->c.fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

}  // namespace kulanz::redis
